namespace NixStore.Caches.Compression;

/// <summary>Finds out how something is compressed from what it begins with. Brotli has no beginning of its own: there, the name says it.</summary>
public static class DetectedCompression
{
    /// <summary>A stream that gives the decompressed data of <paramref name="source"/>, which it owns.</summary>
    /// <param name="source">Compressed data, or data that is not.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="target">File or URL of the data, for errors.</param>
    /// <exception cref="CodecException">As of <see cref="NarCodec.OpenDecoder"/>.</exception>
    /// <exception cref="IOException">Of the source.</exception>
    public static Stream OpenDecoder(Stream source, string name, string target)
    {
        var data = new LookAheadStream(source);
        try
        {
            var compression = data.Peek(6) switch
            {
                [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => NarCompression.Xz,
                [0x28, 0xb5, 0x2f, 0xfd, ..] => NarCompression.Zstd,
                [0x1f, 0x8b, ..] => NarCompression.Gzip,
                _ => name.EndsWith(".br", StringComparison.OrdinalIgnoreCase) ? NarCompression.Br : NarCompression.None,
            };
            return NarCodec.OpenDecoder(compression, data, target);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }
}
