namespace NixStore.Caches.Compression;

/// <summary>Decompresses bzip2 streams by libbz2.</summary>
internal sealed class Bzip2Decoder : IBlockDecoder
{
    private readonly string _target;
    private LibBzip2.Handle _handle;

    public Bzip2Decoder(string target)
    {
        _target = target;
        _handle = Open();
    }

    public bool CanConcatenate => true;

    public CodecProgress Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var (result, consumed, produced) = _handle.Code(input, output, LibBzip2.Run);
        return result is LibBzip2.Ok or LibBzip2.StreamEnd
            ? new(consumed, produced, result == LibBzip2.StreamEnd)
            : throw CodecException.Corrupt(NarCompression.Bzip2, _target, LibBzip2.Describe(result));
    }

    public void StartFrame()
    {
        _handle.Dispose();
        _handle = Open();
    }

    public void Dispose() => _handle.Dispose();

    private LibBzip2.Handle Open()
    {
        var handle = new LibBzip2.Handle(null, out var result);
        if (result == LibBzip2.Ok)
        {
            return handle;
        }

        handle.Dispose();
        throw CodecException.Failed(NarCompression.Bzip2, _target, LibBzip2.Describe(result));
    }
}

/// <summary>Compresses to one bzip2 stream by libbz2.</summary>
internal sealed class Bzip2Encoder : IBlockEncoder
{
    public const int DefaultLevel = 9;

    private readonly LibBzip2.Handle _handle;
    private readonly string _target;

    public Bzip2Encoder(int level, string target)
    {
        _target = target;
        _handle = new LibBzip2.Handle(level, out var result);
        if (result != LibBzip2.Ok)
        {
            _handle.Dispose();
            throw CodecException.Failed(NarCompression.Bzip2, target, LibBzip2.Describe(result));
        }
    }

    public CodecProgress Encode(ReadOnlySpan<byte> input, Span<byte> output, bool finish)
    {
        var (result, consumed, produced) = _handle.Code(input, output, finish ? LibBzip2.Finish : LibBzip2.Run);
        return result is LibBzip2.RunOk or LibBzip2.FinishOk or LibBzip2.StreamEnd
            ? new(consumed, produced, result == LibBzip2.StreamEnd)
            : throw CodecException.Failed(NarCompression.Bzip2, _target, LibBzip2.Describe(result));
    }

    public void Dispose() => _handle.Dispose();
}
