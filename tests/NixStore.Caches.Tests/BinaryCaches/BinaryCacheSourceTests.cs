using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Caches.Tests.Compression;
using NixStore.Caches.Tests.Support;
using NixStore.Engine.Sources;

namespace NixStore.Caches.Tests.BinaryCaches;

public sealed class BinaryCacheSourceTests : IDisposable
{
    private static readonly byte[] s_nar = Samples.Nar(Samples.Contents(100_000));

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void FindsAndOpens()
    {
        using var source = Make(out var narInfo);
        var found = source.Find(Samples.Path, default)!;
        Assert.Equal((narInfo.Url, narInfo.FileSize), (found.Location, found.DownloadSize));
        Assert.Equal(narInfo.Info.NarHash, found.Info.NarHash);
        Assert.Equal(s_nar, Samples.ReadAll(source.OpenNar(found, default)));
        Assert.Equal($"file://{_directory / "cache"}", source.Name);
    }

    [Fact]
    public void RemembersWhatItFoundAndForgetsWhatItDidNot()
    {
        using var source = Make(out var narInfo);
        Assert.Null(source.Find(Samples.Other, default));
        source.Cache.Add(Samples.Info(s_nar, Samples.Other), new MemoryStream(s_nar));
        Assert.NotNull(source.Find(Samples.Other, default));
        File.Delete(NarInfoFile(Samples.Other));
        Assert.NotNull(source.Find(Samples.Other, default));
    }

    [Fact]
    public void RemembersOnlySoMuch()
    {
        using (Make(out _))
        {
        }

        using var source = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{_directory / "cache"}"), rememberedNarInfos: 1);
        source.Cache.Add(Samples.Info(s_nar, Samples.Other), new MemoryStream(s_nar));
        Assert.NotNull(source.Find(Samples.Other, default));
        Assert.NotNull(source.Find(Samples.Path, default));
        File.Delete(NarInfoFile(Samples.Other));
        Assert.Null(source.Find(Samples.Other, default));
    }

    [Fact]
    public void ANarInfoAboutAnotherPathIsAnAttack()
    {
        using var source = Make(out var narInfo);
        var renamed = narInfo with { Info = narInfo.Info with { Path = StorePath.FromParts(Samples.Path.HashPart, "another-name") } };
        foreach (var (file, lie) in new[] { (Samples.Path, renamed), (Samples.Other, narInfo) })
        {
            File.WriteAllBytes(NarInfoFile(file), NarInfoWriter.ToBytes(lie, StoreDirectory.Default));
            var error = Assert.Throws<NixStoreException>(() => source.Find(file, default));
            Assert.Equal(("NarInfoMismatch", StoreErrorKind.Security), (error.ErrorId, error.Kind));
            Assert.Contains(lie.Path.BaseName, error.Message);
        }

        // Who knows only the hash part cannot see the name, but the hash part must be right.
        Assert.Equal("another-name", source.Cache.TryGetNarInfo(Samples.Path.HashPart)!.Path.Name);
        Assert.Equal("NarInfoMismatch", Assert.Throws<NixStoreException>(() => source.Cache.TryGetNarInfo(Samples.Other.HashPart)).ErrorId);
    }

    [Fact]
    public void ACorruptNarInfoIsNamedWithItsUrl()
    {
        using var source = Make(out _);
        File.WriteAllText(NarInfoFile(Samples.Path), "StorePath: x\n");
        var error = Assert.Throws<NarInfoCorruptException>(() => source.Find(Samples.Path, default));
        Assert.Equal($"file://{_directory / "cache"}/{Samples.Path.HashPart}.narinfo", error.Target);
    }

    [Fact]
    public void ABombIsCutAtTheSizeOfTheNar()
    {
        using var source = Make(out var narInfo);
        foreach (var compression in new[] { NarCompression.Xz, NarCompression.Zstd, NarCompression.Bzip2, NarCompression.Gzip, NarCompression.Br })
        {
            var bomb = CodecTests.Compress(compression, [.. s_nar, .. new byte[4 << 20]], 1);
            Replace(narInfo with { Compression = compression.Name(), FileHash = null, FileSize = null }, bomb);
            AssertBreaks(source, "NarTooLong", StoreErrorKind.InvalidData, giving: s_nar.Length);
        }

        Replace(narInfo with { Compression = "none", FileHash = null, FileSize = null }, [.. s_nar, 0]);
        AssertBreaks(source, "NarTooLong", StoreErrorKind.InvalidData, giving: s_nar.Length);
    }

    [Fact]
    public void FramesThatHoldNothingDoNotGoOnForEver()
    {
        using var source = Make(out var narInfo);
        var empty = CodecTests.Compress(NarCompression.Bzip2, []);
        Replace(narInfo with { Compression = "bzip2", FileHash = null, FileSize = null }, [.. Enumerable.Repeat(empty, 100_000).SelectMany(frame => frame)]);
        AssertBreaks(source, "NarTooLong", StoreErrorKind.InvalidData, giving: 0);
    }

    [Fact]
    public void AShortNarIsAnError()
    {
        using var source = Make(out var narInfo);
        Replace(narInfo with { Compression = "none", FileHash = null, FileSize = null }, s_nar[..^8]);
        AssertBreaks(source, "NarTooShort", StoreErrorKind.InvalidData, giving: s_nar.Length - 8);
    }

    [Fact]
    public void AnotherFileThanTheNarInfoDescribesIsAnError()
    {
        using var source = Make(out var narInfo);
        var file = Path.Combine(_directory / "cache", narInfo.Url);
        var bytes = File.ReadAllBytes(file);

        // The same NAR, compressed otherwise: contents are right, the file is not.
        var other = CodecTests.Compress(NarCompression.Xz, s_nar, 0);
        File.WriteAllBytes(file, other);
        AssertBreaks(source, "NarFileHashMismatch", StoreErrorKind.InvalidData, giving: s_nar.Length);

        // Only the hash differs.
        Replace(narInfo with { FileSize = other.Length }, other);
        AssertBreaks(source, "NarFileHashMismatch", StoreErrorKind.InvalidData, giving: s_nar.Length);

        // Only the size differs.
        foreach (var size in new[] { bytes.Length - 1, bytes.Length + 1 })
        {
            Replace(narInfo with { FileSize = size }, bytes);
            AssertBreaks(source, "NarFileHashMismatch", StoreErrorKind.InvalidData, giving: s_nar.Length);
        }

        Replace(narInfo, bytes);
        using var fresh = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{_directory / "cache"}"));
        Assert.Equal(s_nar, Samples.ReadAll(fresh.OpenNar(fresh.Find(Samples.Path, default)!, default)));
    }

    [Fact]
    public void TruncatedAndMissingFilesAreErrors()
    {
        using var source = Make(out var narInfo);
        var file = Path.Combine(_directory / "cache", narInfo.Url);
        var bytes = File.ReadAllBytes(file);
        Replace(narInfo with { FileHash = null, FileSize = null }, bytes[..^1]);
        AssertBreaks(source, "CompressedDataTruncated", StoreErrorKind.InvalidData, giving: s_nar.Length);
        Replace(narInfo with { FileHash = null, FileSize = null }, [.. bytes, 1]);
        AssertBreaks(source, "CompressedDataTrailingGarbage", StoreErrorKind.InvalidData, giving: s_nar.Length);
        File.Delete(file);
        AssertBreaks(source, "BinaryCacheFileMissing", StoreErrorKind.NotFound, giving: 0);
        Replace(narInfo with { Compression = "lzip" }, bytes);
        AssertBreaks(source, "CompressionNotSupported", StoreErrorKind.NotSupported, giving: 0);
    }

    [Fact]
    public void ProblemsShowBeforeTheLastBytes()
    {
        using var source = Make(out var narInfo);
        Replace(narInfo with { FileHash = null, FileSize = null }, [.. File.ReadAllBytes(Path.Combine(_directory / "cache", narInfo.Url)), 1]);
        using var nar = Open(source);

        // Who parses a NAR reads exactly its bytes and never looks for an end.
        var buffer = new byte[s_nar.Length];
        Assert.ThrowsAny<NixStoreException>(() => nar.ReadExactly(buffer));
    }

    [Fact]
    public void APathThatHasGoneIsNamed()
    {
        using var source = Make(out var narInfo);
        var found = source.Find(Samples.Path, default)!;
        File.Delete(NarInfoFile(Samples.Path));
        using var fresh = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{_directory / "cache"}"));
        Assert.Equal("PathNotInCache", Assert.Throws<NixStoreException>(() => fresh.OpenNar(found, default)).ErrorId);
    }

    [Fact]
    public void ReadingCanBeStopped()
    {
        using var source = Make(out _);
        using var stop = new CancellationTokenSource();
        using var nar = source.OpenNar(source.Find(Samples.Path, stop.Token)!, stop.Token);
        Assert.NotEqual(0, nar.Read(new byte[10]));
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => nar.Read(new byte[10]));
    }

    [Fact]
    public void SourcesAreSortedByPriorityAndBrokenOnesSetAside()
    {
        foreach (var (name, priority) in new[] { ("a", 40), ("b", 10), ("c", 40), ("d", 50) })
        {
            Directory.CreateDirectory(_directory / name);
            File.WriteAllText(_directory / $"{name}/nix-cache-info", $"StoreDir: /nix/store\nPriority: {priority}\n");
        }

        string Url(string name) => $"file://{_directory / name}";
        using var list = SourceList.Open([Url("a"), Url("missing"), Url("b"), Url("c"), Url("a"), Url("d") + "?priority=1", "s3://"]);
        Assert.Equal([Url("d"), Url("b"), Url("a"), Url("c")], list.Sources.Select(source => ((IContentSource)source).Name));
        Assert.Equal(["NotABinaryCache", "InvalidBinaryCacheUrl"], list.Failures.Select(failure => failure.ErrorId));
    }

    private BinaryCacheSource Make(out NarInfo narInfo)
    {
        var source = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{_directory / "cache"}", new BinaryCacheOptions { Create = true }));
        narInfo = source.Cache.Add(Samples.Info(s_nar), new MemoryStream(s_nar));
        return source;
    }

    private string NarInfoFile(StorePath path) => _directory / $"cache/{path.HashPart}.narinfo";

    private void Replace(NarInfo narInfo, byte[] file)
    {
        File.WriteAllBytes(NarInfoFile(Samples.Path), NarInfoWriter.ToBytes(narInfo, StoreDirectory.Default));
        File.WriteAllBytes(Path.Combine(_directory / "cache", narInfo.Url), file);
    }

    private static Stream Open(BinaryCacheSource source) => source.Cache.OpenNar(source.Cache.TryGetNarInfo(Samples.Path)!);

    // Reads to the error; what was given out before must be a prefix of the NAR, and less than all of it.
    private static void AssertBreaks(BinaryCacheSource source, string errorId, StoreErrorKind kind, int giving)
    {
        var all = new MemoryStream();
        var error = Assert.ThrowsAny<NixStoreException>(() =>
        {
            using var nar = Open(source);
            nar.CopyTo(all, 1000);
        });
        Assert.Equal((errorId, kind), (error.ErrorId, error.Kind));
        Assert.InRange(all.Length, 0, giving);
        Assert.True(all.Length < s_nar.Length);
        Assert.Equal(s_nar[..(int)all.Length], all.ToArray());
    }
}
