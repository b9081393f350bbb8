using System.Buffers;
using System.IO.Compression;

namespace NixStore.Caches.Compression;

/// <summary>
/// Decompresses Brotli by .NET's decoder. Not by BrotliStream, which takes truncated data for complete. The format has no
/// concatenation.
/// </summary>
internal sealed class BrotliBlockDecoder(string target) : IBlockDecoder
{
    private BrotliDecoder _decoder;

    public bool CanConcatenate => false;

    public CodecProgress Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var status = _decoder.Decompress(input, output, out var consumed, out var produced);
        return status == OperationStatus.InvalidData
            ? throw CodecException.Corrupt(NarCompression.Br, target, "it is not in the Brotli format")
            : new(consumed, produced, Ended: status == OperationStatus.Done);
    }

    public void StartFrame() => throw new NotSupportedException();

    public void Dispose() => _decoder.Dispose();
}

/// <summary>Compresses to Brotli.</summary>
internal sealed class BrotliBlockEncoder(int level) : IBlockEncoder
{
    /// <summary>BROTLI_DEFAULT_QUALITY, which is the best and slow.</summary>
    public const int DefaultLevel = 11;

    private const int WindowBits = 22;

    private BrotliEncoder _encoder = new(level, WindowBits);

    public CodecProgress Encode(ReadOnlySpan<byte> input, Span<byte> output, bool finish)
    {
        var status = _encoder.Compress(input, output, out var consumed, out var produced, isFinalBlock: finish);
        return new(consumed, produced, Ended: finish && status == OperationStatus.Done);
    }

    public void Dispose() => _encoder.Dispose();
}
