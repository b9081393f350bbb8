namespace NixStore.Caches.Compression;

/// <summary>Decompresses Zstandard frames; the window limit is the library's own (128 MiB), as it is for Nix.</summary>
internal sealed unsafe class ZstdDecoder : IBlockDecoder
{
    private readonly LibZstd.DecoderHandle _handle = new();
    private readonly string _target;

    public ZstdDecoder(string target)
    {
        _target = target;
        if (_handle.IsInvalid)
        {
            throw CodecException.Failed(NarCompression.Zstd, target, "there is not enough memory");
        }
    }

    public bool CanConcatenate => true;

    public CodecProgress Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        fixed (byte* from = input, to = output)
        {
            LibZstd.Buffer source = new() { Start = from, Size = (nuint)input.Length };
            LibZstd.Buffer destination = new() { Start = to, Size = (nuint)output.Length };
            var result = LibZstd.ZSTD_decompressStream(_handle, &destination, &source);
            if (LibZstd.ZSTD_isError(result) != 0)
            {
                throw LibZstd.ZSTD_getErrorCode(result) is LibZstd.WindowTooLarge or LibZstd.MemoryAllocation
                    ? CodecException.MemoryLimit(NarCompression.Zstd, _target)
                    : CodecException.Corrupt(NarCompression.Zstd, _target, LibZstd.Describe(result));
            }

            return new((int)source.Position, (int)destination.Position, Ended: result == 0);
        }
    }

    // The library is ready for the next frame by itself.
    public void StartFrame()
    {
    }

    public void Dispose() => _handle.Dispose();
}

/// <summary>Compresses to one Zstandard frame with a check sum.</summary>
internal sealed unsafe class ZstdEncoder : IBlockEncoder
{
    public const int DefaultLevel = 3;

    private readonly LibZstd.EncoderHandle _handle = new();
    private readonly string _target;

    public ZstdEncoder(int level, string target)
    {
        _target = target;
        if (_handle.IsInvalid)
        {
            throw CodecException.Failed(NarCompression.Zstd, target, "there is not enough memory");
        }

        Check(LibZstd.ZSTD_CCtx_setParameter(_handle, LibZstd.CompressionLevel, level));
        Check(LibZstd.ZSTD_CCtx_setParameter(_handle, LibZstd.ChecksumFlag, 1));
    }

    public CodecProgress Encode(ReadOnlySpan<byte> input, Span<byte> output, bool finish)
    {
        fixed (byte* from = input, to = output)
        {
            LibZstd.Buffer source = new() { Start = from, Size = (nuint)input.Length };
            LibZstd.Buffer destination = new() { Start = to, Size = (nuint)output.Length };
            var rest = Check(LibZstd.ZSTD_compressStream2(_handle, &destination, &source, finish ? LibZstd.End : LibZstd.Continue));
            return new((int)source.Position, (int)destination.Position, Ended: finish && rest == 0);
        }
    }

    public void Dispose() => _handle.Dispose();

    private nuint Check(nuint result)
        => LibZstd.ZSTD_isError(result) == 0 ? result : throw CodecException.Failed(NarCompression.Zstd, _target, LibZstd.Describe(result));
}
