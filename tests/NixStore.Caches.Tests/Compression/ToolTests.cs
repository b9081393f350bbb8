using NixStore.Caches.Compression;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Compression;

/// <summary>The codecs against the command-line tools of their makers.</summary>
public sealed class ToolTests
{
    public static TheoryData<NarCompression, string> Tools => new()
    {
        { NarCompression.Xz, "xz" }, { NarCompression.Zstd, "zstd" }, { NarCompression.Bzip2, "bzip2" },
        { NarCompression.Gzip, "gzip" }, { NarCompression.Br, "brotli" },
    };

    [SkippableTheory]
    [MemberData(nameof(Tools))]
    public void TheToolReadsWhatIsWritten(NarCompression compression, string tool)
    {
        Require(tool);
        var data = Samples.Contents(300_000);
        Assert.Equal(data, Program.Run(tool, ["-d", "-c"], CodecTests.Compress(compression, data, 3)));
    }

    [SkippableTheory]
    [MemberData(nameof(Tools))]
    public void WhatTheToolWritesCanBeRead(NarCompression compression, string tool)
    {
        Require(tool);
        var data = Samples.Contents(300_000);
        Assert.Equal(data, CodecTests.Decompress(compression, Program.Run(tool, ["-c"], data)));
    }

    [SkippableFact]
    public void GzipHeadersMayCarryANameAndAComment()
    {
        Require("gzip");
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory / "some name", Samples.Contents(1000));
        var compressed = Program.Run("gzip", ["-N", "-c", directory / "some name"]);
        Assert.NotEqual(0, compressed[3] & 8);
        Assert.Equal(Samples.Contents(1000), CodecTests.Decompress(NarCompression.Gzip, compressed));

        // The same with an extra field, a comment and a header check, which gzip does not write.
        var nameEnd = Array.IndexOf(compressed, (byte)0, 10);
        byte[] full = [.. compressed[..3], 2 | 4 | 8 | 16, .. compressed[4..10], 3, 0, 1, 2, 3, .. compressed[10..(nameEnd + 1)], (byte)'c', 0, 9, 9, .. compressed[(nameEnd + 1)..]];
        Assert.Equal(Samples.Contents(1000), CodecTests.Decompress(NarCompression.Gzip, full));
    }

    [SkippableFact]
    public void XzFilesOfSeveralBlocksCanBeRead()
    {
        Require("xz");
        var data = Samples.Contents(1 << 20);
        Assert.Equal(data, CodecTests.Decompress(NarCompression.Xz, Program.Run("xz", ["-c", "-T2", "--block-size=100000", "--check=sha256"], data)));
    }

    private static void Require(string tool) => Skip.IfNot(Program.Exists(tool), $"{tool} is not installed");
}
