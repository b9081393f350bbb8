using NixStore.Caches.Compression;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Compression;

/// <summary>What is used where libbz2 is absent has to be as strict as libbz2.</summary>
public sealed class ManagedBzip2Tests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    public void ReadsWhatLibbz2Writes(int length)
        => Assert.Equal(Samples.Contents(length), Decompress(CodecTests.Compress(NarCompression.Bzip2, Samples.Contents(length))));

    [Fact]
    public void ReadsConcatenatedStreams()
    {
        var one = CodecTests.Compress(NarCompression.Bzip2, Samples.Contents(3000));
        Assert.Equal([.. Samples.Contents(3000), .. Samples.Contents(3000)], Decompress([.. one, .. one]));
    }

    [Fact]
    public void EveryTruncationIsAnError()
    {
        var whole = CodecTests.Compress(NarCompression.Bzip2, Samples.Contents(1000), 1);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Equal("CompressedDataTruncated", Assert.Throws<CodecException>(() => Decompress(whole[..length])).ErrorId);
        }
    }

    [Fact]
    public void DamageNeverGivesOtherData()
    {
        var data = Samples.Contents(1000);
        var whole = CodecTests.Compress(NarCompression.Bzip2, data, 1);
        for (var i = 0; i < whole.Length; i += 3)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= (byte)(1 << (i % 8));
            try
            {
                Assert.Equal(data, Decompress(damaged));
            }
            catch (CodecException)
            {
                // That is what should happen nearly always.
            }
        }
    }

    [Theory]
    [InlineData("x", "CompressedDataTrailingGarbage")]
    [InlineData("BZh", "CompressedDataTrailingGarbage")]
    [InlineData("some longer text", "CompressedDataTrailingGarbage")]
    public void WhatFollowsIsAnError(string garbage, string errorId)
    {
        var whole = CodecTests.Compress(NarCompression.Bzip2, Samples.Contents(1000), 1);
        var error = Assert.Throws<CodecException>(() => Decompress([.. whole, .. garbage.Select(c => (byte)c)]));
        Assert.Equal(errorId, error.ErrorId);
    }

    [Fact]
    public void WhatIsNotBzip2IsAnError()
        => Assert.Equal("CompressedDataCorrupt", Assert.Throws<CodecException>(() => Decompress(Samples.Nar([]))).ErrorId);

    private static byte[] Decompress(byte[] compressed) => Samples.ReadAll(new ManagedBzip2DecoderStream(new MemoryStream(compressed), "test"));
}
