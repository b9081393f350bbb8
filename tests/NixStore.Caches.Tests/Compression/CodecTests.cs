using NixStore.Caches.Compression;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Compression;

public sealed class CodecTests
{
    public static TheoryData<NarCompression> Codecs => [NarCompression.Xz, NarCompression.Zstd, NarCompression.Bzip2, NarCompression.Gzip, NarCompression.Br];

    public static TheoryData<NarCompression, int> CodecsAndLengths
    {
        get
        {
            var data = new TheoryData<NarCompression, int>();
            foreach (var compression in Enum.GetValues<NarCompression>())
            {
                // Around the buffers' size, too.
                foreach (var length in new[] { 1, 1000, 65535, 65536, 65537, 1 << 20 })
                {
                    data.Add(compression, length);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CodecsAndLengths))]
    public void WhatIsCompressedCanBeDecompressed(NarCompression compression, int length)
    {
        var data = Samples.Contents(length);
        Assert.Equal(data, Decompress(compression, Compress(compression, data, 1)));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void SmallPiecesMakeNoDifference(NarCompression compression)
    {
        var data = Samples.Contents(3000);
        var compressed = new MemoryStream();
        using (var encoder = NarCodec.OpenEncoder(compression, compressed, null, "test"))
        {
            foreach (var one in data)
            {
                encoder.WriteByte(one);
            }
        }

        foreach (var step in new[] { 1, 2, 3, 7 })
        {
            using var decoder = NarCodec.OpenDecoder(compression, new DribbleStream(compressed.ToArray(), step), "test");
            var all = new List<byte>();
            for (int one; (one = decoder.ReadByte()) >= 0;)
            {
                all.Add((byte)one);
            }

            Assert.Equal(data, all);
            Assert.Equal(-1, decoder.ReadByte());
        }
    }

    [Theory]
    [InlineData(NarCompression.None)]
    [InlineData(NarCompression.Xz)]
    [InlineData(NarCompression.Zstd)]
    [InlineData(NarCompression.Bzip2)]
    [InlineData(NarCompression.Br)]
    public void NothingCanBeCompressed(NarCompression compression)
        => Assert.Empty(Decompress(compression, Compress(compression, [])));

    [Theory]
    [MemberData(nameof(Codecs))]
    public void EveryTruncationIsAnError(NarCompression compression)
    {
        var whole = Compress(compression, Samples.Contents(2000));
        for (var length = 0; length < whole.Length; length++)
        {
            var error = Assert.Throws<CodecException>(() => Decompress(compression, whole[..length]));
            Assert.Equal("CompressedDataTruncated", error.ErrorId);
            Assert.Equal(("test", compression), (error.Target, error.Compression));
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void DamageNeverGivesOtherData(NarCompression compression)
    {
        var data = Samples.Contents(2000);
        var whole = Compress(compression, data);
        var errors = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= (byte)(1 << (i % 8));
            try
            {
                var result = Decompress(compression, damaged);
                // Brotli has no check sum; the others have some bytes in their headers that mean nothing.
                Assert.True(compression == NarCompression.Br || result.AsSpan().SequenceEqual(data), $"byte {i}");
            }
            catch (CodecException e)
            {
                Assert.Equal("test", e.Target);
                errors++;
            }
        }

        Assert.InRange(errors, compression == NarCompression.Br ? 10 : whole.Length - 20, whole.Length);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void WhatFollowsTheDataIsAnError(NarCompression compression)
    {
        var whole = Compress(compression, Samples.Contents(2000));
        foreach (var garbage in new byte[][] { [7], [1, 2, 3, 4], [.. Enumerable.Repeat((byte)'x', 100_000)], [0, 0, 0] })
        {
            var error = Assert.Throws<CodecException>(() => Decompress(compression, [.. whole, .. garbage]));
            Assert.Equal("CompressedDataTrailingGarbage", error.ErrorId);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void WhatIsNotTheFormatIsAnError(NarCompression compression)
    {
        var error = Assert.Throws<CodecException>(() => Decompress(compression, Samples.Nar(Samples.Contents(5000))));
        Assert.Equal(("CompressedDataCorrupt", StoreErrorKind.InvalidData), (error.ErrorId, error.Kind));
    }

    [Theory]
    [InlineData(NarCompression.Xz)]
    [InlineData(NarCompression.Zstd)]
    [InlineData(NarCompression.Bzip2)]
    [InlineData(NarCompression.Gzip)]
    public void ConcatenatedFramesAreOne(NarCompression compression)
    {
        var (one, two) = (Samples.Contents(70_000), Samples.Contents(10));
        byte[] joined = [.. Compress(compression, one), .. Compress(compression, two), .. Compress(compression, one)];
        Assert.Equal([.. one, .. two, .. one], Decompress(compression, joined));
        var error = Assert.Throws<CodecException>(() => Decompress(compression, joined[..^1]));
        Assert.Equal("CompressedDataTruncated", error.ErrorId);
    }

    [Theory]
    [InlineData(NarCompression.None, 1)]
    [InlineData(NarCompression.Xz, 10)]
    [InlineData(NarCompression.Zstd, 0)]
    [InlineData(NarCompression.Zstd, 20)]
    [InlineData(NarCompression.Bzip2, 0)]
    [InlineData(NarCompression.Gzip, 10)]
    [InlineData(NarCompression.Br, 12)]
    [InlineData(NarCompression.Br, -1)]
    public void LevelsThatDoNotExistAreRefused(NarCompression compression, int level)
    {
        var error = Assert.Throws<CodecException>(() => NarCodec.OpenEncoder(compression, Stream.Null, level, "test"));
        Assert.Equal(("InvalidCompressionLevel", StoreErrorKind.InvalidArgument), (error.ErrorId, error.Kind));
    }

    [Fact]
    public void LevelsAreObeyed()
    {
        var data = Samples.Contents(200_000);
        foreach (var compression in new[] { NarCompression.Xz, NarCompression.Zstd, NarCompression.Gzip, NarCompression.Br })
        {
            Assert.True(Compress(compression, data, compression == NarCompression.Br ? 9 : 8).Length < Compress(compression, data, 1).Length, $"{compression}");
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void AFailingDestinationIsReportedOnce(NarCompression compression)
    {
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Assert.ThrowsAny<IOException>(() =>
        {
            using var encoder = NarCodec.OpenEncoder(compression, full, 1, "test");
            encoder.Write(Samples.Contents(1 << 20));
        });
    }

    [Fact]
    public void XzPaddingStandsBetweenStreamsInGroupsOfFour()
    {
        var data = Samples.Contents(100);
        var whole = Compress(NarCompression.Xz, data);
        Assert.Equal([.. data, .. data], Decompress(NarCompression.Xz, [.. whole, .. new byte[8], .. whole, .. new byte[4]]));
        foreach (var wrong in new byte[][] { [.. whole, .. new byte[5], .. whole], [.. whole, .. new byte[6]] })
        {
            Assert.Equal("CompressedDataTrailingGarbage", Assert.Throws<CodecException>(() => Decompress(NarCompression.Xz, wrong)).ErrorId);
        }
    }

    [Fact]
    public void HostileDemandsForMemoryAreRefused()
    {
        // An .xz block that asks for a dictionary of 4 GiB: dictionary size byte 40, header check sum mended.
        var xz = Compress(NarCompression.Xz, Samples.Contents(100));
        xz[16] = 40;
        var headerLength = (xz[12] + 1) * 4;
        var crc = new ICSharpCode.SharpZipLib.Checksum.Crc32();
        crc.Update(new ArraySegment<byte>(xz, 12, headerLength - 4));
        BitConverter.GetBytes((uint)crc.Value).CopyTo(xz, 12 + headerLength - 4);
        Assert.Equal("CodecMemoryLimit", Assert.Throws<CodecException>(() => Decompress(NarCompression.Xz, xz)).ErrorId);

        // A Zstandard frame with the largest window there can be.
        byte[] zstd = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00];
        Assert.Equal("CodecMemoryLimit", Assert.Throws<CodecException>(() => Decompress(NarCompression.Zstd, zstd)).ErrorId);
    }

    [Fact]
    public void AMissingLibraryIsNamedWithItsPackage()
    {
        var library = new CodecLibrary("libfoo1", "libnixstore-does-not-exist", "libnixstore-does-not-exist.so.1");
        Assert.False(library.IsAvailable);
        var error = Assert.Throws<CodecException>(() => library.Require(NarCompression.Xz, "test"));
        Assert.Equal(("CodecNotAvailable", StoreErrorKind.NotSupported), (error.ErrorId, error.Kind));
        Assert.Contains("libnixstore-does-not-exist.so.1", error.Message);
        Assert.Contains("libfoo1", error.Remedy);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void ADecoderCanBeLeftAtAnyTime(NarCompression compression)
    {
        var source = new MemoryStream(Compress(compression, Samples.Contents(200_000), 1));
        var decoder = NarCodec.OpenDecoder(compression, source, "test");
        Assert.NotEqual(0, decoder.Read(new byte[10]));
        decoder.Dispose();
        decoder.Dispose();
        Assert.False(source.CanRead);
    }

    internal static byte[] Compress(NarCompression compression, byte[] data, int? level = null)
    {
        using var compressed = new MemoryStream();
        using (var encoder = NarCodec.OpenEncoder(compression, compressed, compression == NarCompression.None ? null : level, "test"))
        {
            encoder.Write(data);
        }

        return compressed.ToArray();
    }

    internal static byte[] Decompress(NarCompression compression, byte[] compressed)
        => Samples.ReadAll(NarCodec.OpenDecoder(compression, new MemoryStream(compressed), "test"));
}
