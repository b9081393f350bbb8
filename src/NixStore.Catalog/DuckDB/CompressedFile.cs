using NixStore.Caches.Compression;

namespace NixStore.Catalog.DuckDB;

/// <summary>A compressed file that the engine is to read. It takes one that was cut off for complete, so that has to be found out before.</summary>
internal static class CompressedFile
{
    /// <summary>How a file is compressed, by the end of its name.</summary>
    internal static NarCompression CompressionOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".GZ" => NarCompression.Gzip,
        ".ZST" or ".ZSTD" => NarCompression.Zstd,
        _ => NarCompression.None,
    };

    /// <summary>What the engine calls it.</summary>
    internal static string NameOf(NarCompression compression)
        => compression switch { NarCompression.Gzip => "gzip", NarCompression.Zstd => "zstd", _ => "none" };

    /// <summary>Decompresses all of it, and gives its first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Gets them; the rest of it stays zero.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>How many they are.</returns>
    /// <exception cref="CodecException">CompressedDataTruncated, CompressedDataCorrupt, CompressedDataTrailingGarbage</exception>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    internal static int Check(string path, Span<byte> start, CancellationToken cancellation)
    {
        var compression = CompressionOf(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        using var text = NarCodec.OpenDecoder(compression, file, path);
        var count = text.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (compression != NarCompression.None)
        {
            var rest = new byte[1 << 18];
            while (text.Read(rest) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        return count;
    }
}
