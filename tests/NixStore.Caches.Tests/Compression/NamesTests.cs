using NixStore.Caches.Compression;

namespace NixStore.Caches.Tests.Compression;

public sealed class NamesTests
{
    [Theory]
    [InlineData("none", NarCompression.None, "")]
    [InlineData("xz", NarCompression.Xz, ".xz")]
    [InlineData("zstd", NarCompression.Zstd, ".zst")]
    [InlineData("bzip2", NarCompression.Bzip2, ".bz2")]
    [InlineData("gzip", NarCompression.Gzip, "")]
    [InlineData("br", NarCompression.Br, ".br")]
    public void NamesAndSuffixesAreNixs(string name, NarCompression compression, string suffix)
    {
        Assert.Equal(compression, NarCompressionNames.Parse(name, "test"));
        Assert.Equal(name, compression.Name());
        Assert.Equal(suffix, compression.FileSuffix());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void NoNameMeansBzip2(string? name) => Assert.Equal(NarCompression.Bzip2, NarCompressionNames.Parse(name, "test"));

    [Theory]
    [InlineData("lzip")]
    [InlineData("XZ")]
    [InlineData("lz4")]
    public void OthersAreNotSupported(string name)
    {
        var error = Assert.Throws<NixStoreException>(() => NarCompressionNames.Parse(name, "the file"));
        Assert.Equal(("CompressionNotSupported", StoreErrorKind.NotSupported, "the file"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("zstd", error.Remedy);
    }
}
