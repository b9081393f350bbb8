using System.IO.Compression;

namespace NixStore.Caches.Compression;

/// <summary>Opens compressing and decompressing streams.</summary>
public static class NarCodec
{
    /// <summary>
    /// A stream that gives the decompressed data of <paramref name="source"/>, which it owns. Truncated or damaged data, and
    /// anything that follows the data, are errors.
    /// </summary>
    /// <param name="compression">The compression.</param>
    /// <param name="source">The compressed data.</param>
    /// <param name="target">File or URL of the data, for errors.</param>
    /// <exception cref="CodecException">CodecNotAvailable; while reading CompressedDataTruncated, CompressedDataCorrupt,
    /// CompressedDataTrailingGarbage, CodecMemoryLimit.</exception>
    public static Stream OpenDecoder(NarCompression compression, Stream source, string target) => compression switch
    {
        NarCompression.None => source,
        NarCompression.Gzip => new GzipDecoderStream(source, target),
        NarCompression.Bzip2 when !CodecLibrary.Bzip2.IsAvailable => new ManagedBzip2DecoderStream(source, target),
        _ => new DecoderStream(MakeDecoder(compression, target), source, compression, target),
    };

    /// <summary>
    /// A stream that compresses what is written to it into <paramref name="destination"/>. Disposing it ends the compressed data
    /// and leaves the destination open.
    /// </summary>
    /// <param name="compression">The compression.</param>
    /// <param name="destination">Where the compressed data goes.</param>
    /// <param name="level">How hard to try: xz 0–9, zstd 1–19, bzip2 1–9, gzip 0–9, br 0–11; null for the codec's default.</param>
    /// <param name="target">File or URL of the data, for errors.</param>
    /// <exception cref="CodecException">CodecNotAvailable, InvalidCompressionLevel</exception>
    public static Stream OpenEncoder(NarCompression compression, Stream destination, int? level, string target)
    {
        CheckLevel(compression, level, target);
        return compression switch
        {
            NarCompression.None => new PassingStream(destination),
            NarCompression.Gzip => new GZipStream(
                destination, new ZLibCompressionOptions { CompressionLevel = level ?? DefaultGzipLevel }, leaveOpen: true),
            NarCompression.Bzip2 when !CodecLibrary.Bzip2.IsAvailable
                => new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(destination, level ?? Bzip2Encoder.DefaultLevel) { IsStreamOwner = false },
            _ => new EncoderStream(MakeEncoder(compression, level, target), destination),
        };
    }

    private const int DefaultGzipLevel = 6;

    /// <summary>Raises InvalidCompressionLevel before anything is written.</summary>
    internal static void CheckLevel(NarCompression compression, int? level, string target)
    {
        var (minimum, maximum) = compression switch
        {
            NarCompression.Xz or NarCompression.Gzip => (0, 9),
            NarCompression.Zstd => (1, 19),
            NarCompression.Bzip2 => (1, 9),
            NarCompression.Br => (0, 11),
            _ => (0, -1),
        };
        if (level is { } given && (given < minimum || given > maximum))
        {
            throw CodecException.InvalidLevel(compression, target, given, minimum, maximum);
        }
    }

    private static IBlockDecoder MakeDecoder(NarCompression compression, string target)
    {
        RequireLibrary(compression, target);
        return compression switch
        {
            NarCompression.Xz => new XzDecoder(target),
            NarCompression.Zstd => new ZstdDecoder(target),
            NarCompression.Bzip2 => new Bzip2Decoder(target),
            NarCompression.Br => new BrotliBlockDecoder(target),
            _ => throw new ArgumentOutOfRangeException(nameof(compression)),
        };
    }

    private static IBlockEncoder MakeEncoder(NarCompression compression, int? level, string target)
    {
        RequireLibrary(compression, target);
        return compression switch
        {
            NarCompression.Xz => new XzEncoder(level ?? XzEncoder.DefaultLevel, target),
            NarCompression.Zstd => new ZstdEncoder(level ?? ZstdEncoder.DefaultLevel, target),
            NarCompression.Bzip2 => new Bzip2Encoder(level ?? Bzip2Encoder.DefaultLevel, target),
            NarCompression.Br => new BrotliBlockEncoder(level ?? BrotliBlockEncoder.DefaultLevel),
            _ => throw new ArgumentOutOfRangeException(nameof(compression)),
        };
    }

    private static void RequireLibrary(NarCompression compression, string target)
    {
        var library = compression switch
        {
            NarCompression.Xz => CodecLibrary.Lzma,
            NarCompression.Zstd => CodecLibrary.Zstd,
            _ => null,
        };
        library?.Require(compression, target);
    }
}
