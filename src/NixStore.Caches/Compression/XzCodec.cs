namespace NixStore.Caches.Compression;

/// <summary>Decompresses .xz streams, with the padding that may stand between them.</summary>
internal sealed class XzDecoder : IBlockDecoder
{
    /// <summary>Enough for <c>xz -9</c> (65 MiB) and then some; a hostile header can ask for 4 GiB.</summary>
    private const ulong MemoryLimit = 1UL << 30;

    private readonly LibLzma.Handle _handle = new();
    private readonly string _target;
    private int _padding;

    public XzDecoder(string target)
    {
        _target = target;
        StartFrame();
    }

    public bool CanConcatenate => true;

    public CodecProgress Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var (result, consumed, produced) = LibLzma.Code(_handle, input, output, LibLzma.Run);
        return result switch
        {
            LibLzma.Ok or LibLzma.BufferError => new(consumed, produced, Ended: false),
            LibLzma.StreamEnd => new(consumed, produced, Ended: true),
            LibLzma.MemoryLimitError => throw CodecException.MemoryLimit(NarCompression.Xz, _target),
            _ => throw CodecException.Corrupt(NarCompression.Xz, _target, LibLzma.Describe(result)),
        };
    }

    public int SkipPadding(ReadOnlySpan<byte> input)
    {
        var zeros = input.IndexOfAnyExcept((byte)0);
        zeros = zeros < 0 ? input.Length : zeros;
        _padding += zeros;
        // "Stream Padding": four-byte groups only (the .xz file format, 2.2). An end is seen as an empty span.
        return _padding % 4 != 0 && (zeros < input.Length || input.IsEmpty)
            ? throw CodecException.TrailingGarbage(NarCompression.Xz, _target)
            : zeros;
    }

    public void StartFrame()
    {
        _padding = 0;
        var result = LibLzma.lzma_stream_decoder(_handle, MemoryLimit, flags: 0);
        if (result != LibLzma.Ok)
        {
            throw CodecException.Failed(NarCompression.Xz, _target, LibLzma.Describe(result));
        }
    }

    public void Dispose() => _handle.Dispose();
}

/// <summary>Compresses to one .xz stream.</summary>
internal sealed class XzEncoder : IBlockEncoder
{
    public const int DefaultLevel = 6;

    private readonly LibLzma.Handle _handle = new();
    private readonly string _target;

    public XzEncoder(int level, string target)
    {
        _target = target;
        var result = LibLzma.lzma_easy_encoder(_handle, (uint)level, LibLzma.Crc64);
        if (result != LibLzma.Ok)
        {
            _handle.Dispose();
            throw CodecException.Failed(NarCompression.Xz, target, LibLzma.Describe(result));
        }
    }

    public CodecProgress Encode(ReadOnlySpan<byte> input, Span<byte> output, bool finish)
    {
        var (result, consumed, produced) = LibLzma.Code(_handle, input, output, finish ? LibLzma.Finish : LibLzma.Run);
        return result is LibLzma.Ok or LibLzma.StreamEnd
            ? new(consumed, produced, result == LibLzma.StreamEnd)
            : throw CodecException.Failed(NarCompression.Xz, _target, LibLzma.Describe(result));
    }

    public void Dispose() => _handle.Dispose();
}
