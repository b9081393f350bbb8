using System.Security.Cryptography;
using System.Text;
using NixStore.Engine.Archive;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarSinkTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(NarSink.BufferSize - 1)]
    [InlineData(NarSink.BufferSize)]
    [InlineData(NarSink.BufferSize + 1)]
    [InlineData((3 * NarSink.BufferSize) + 5)]
    public void HashesAllThatWasWritten(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        using var sink = new HashSink();
        foreach (var step in new[] { 1000, NarSink.BufferSize, int.MaxValue })
        {
            for (var at = 0; at < length; at += Math.Min(step, length - at))
            {
                sink.Write(bytes.AsSpan(at, Math.Min(step, length - at)));
            }

            Assert.Equal(length, sink.Length);
            var hash = sink.Finish();
            Assert.Equal(Expected(bytes), hash);
        }
    }

    [Fact]
    public void ResetForgets()
    {
        using var sink = new HashSink(NixHashAlgorithm.Sha1);
        sink.Write(new byte[NarSink.BufferSize + 1]);
        sink.Reset();
        sink.Write("abc"u8);
        var hash = sink.Finish();
        Assert.Equal("a9993e364706816aba3e25717850c26c9cd0d89d", hash.Hash.ToBase16());
        Assert.Equal(3, hash.Size);
    }

    [Fact]
    public void SaysWhichHashesItCannotMake()
        => Assert.Equal("UnsupportedHashAlgorithm", Assert.Throws<NixStoreException>(() => new HashSink(NixHashAlgorithm.Blake3)).ErrorId);

    [Fact]
    public void TeeGivesTheSameToAll()
    {
        using var copy = new MemoryStream();
        using var stream = new StreamSink(copy);
        using var hash = new HashSink();
        using var tee = new TeeSink(stream, hash);
        var bytes = RandomNumberGenerator.GetBytes(NarSink.BufferSize * 2 + 77);
        tee.Write(bytes.AsSpan(0, 100));
        tee.Write(bytes.AsSpan(100));
        tee.WriteZeros(3);
        tee.Flush();
        byte[] all = [.. bytes, 0, 0, 0];
        Assert.Equal(all, copy.ToArray());
        Assert.Equal(Expected(all), hash.Finish());
        Assert.Equal(all.Length, tee.Length);
    }

    [Fact]
    public void ModuloMasksWhereverTheStreamIsCut()
    {
        const string part = "0123456789abcdfghijklmnpqrsvwxyz";
        var text = $"{part}x{part}{part}{part[..31]}y{part[1..]}0{part[..5]}{part}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var masked = text.Replace(part, new string('\0', 32), StringComparison.Ordinal);
        var expected = new NarModuloHash(Sha256($"{masked}|0|33|65|{text.Length - 32}"), Sha256(masked), bytes.Length);
        for (var step = 1; step <= bytes.Length; step++)
        {
            using var sink = new HashModuloSink(part);
            for (var at = 0; at < bytes.Length; at += step)
            {
                sink.Write(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
                sink.Flush();
            }

            Assert.Equal(expected, sink.Finish());
        }
    }

    [Fact]
    public void ModuloCanBeUsedAgain()
    {
        using var sink = new HashModuloSink("abcd");
        sink.Write("xabcdx"u8);
        sink.Flush();
        Assert.Equal(1, sink.Occurrences);
        sink.Reset();
        sink.Write("x"u8);
        Assert.Equal(new NarModuloHash(Sha256("x"), Sha256("x"), 1), sink.Finish());
        sink.Write("abcd"u8);
        var hash = sink.Finish();
        Assert.Equal(new NarModuloHash(Sha256("\0\0\0\0|0"), Sha256("\0\0\0\0"), 4), hash);
        Assert.True(hash.Matches(Sha256("\0\0\0\0")) && hash.Matches(Sha256("\0\0\0\0|0")) && !hash.Matches(Sha256("abcd")));
    }

    private static NarHash Expected(byte[] bytes) => new(new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(bytes)), bytes.Length);

    private static NixHash Sha256(string text) => new(NixHashAlgorithm.Sha256, SHA256.HashData(Encoding.ASCII.GetBytes(text)));
}
