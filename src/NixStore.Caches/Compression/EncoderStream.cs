using System.Buffers;

namespace NixStore.Caches.Compression;

/// <summary>Compresses what is written. Disposing ends the frame, unless a write failed; the destination stays open.</summary>
internal sealed class EncoderStream(IBlockEncoder encoder, Stream destination) : Stream
{
    private const int BufferSize = 64 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private bool _failed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> input)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        if (input.Length > 0)
        {
            Encode(input, finish: false);
        }
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void WriteByte(byte value) => Write([value]);

    // Flushing a codec would only spoil the compression.
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            try
            {
                if (!_failed)
                {
                    Encode([], finish: true);
                }
            }
            finally
            {
                encoder.Dispose();
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = [];
            }
        }

        base.Dispose(disposing);
    }

    private void Encode(ReadOnlySpan<byte> input, bool finish)
    {
        _failed = true;
        bool more;
        do
        {
            var progress = encoder.Encode(input, _buffer.AsSpan(0, BufferSize), finish);
            input = input[progress.Consumed..];
            destination.Write(_buffer, 0, progress.Produced);
            more = finish ? !progress.Ended : input.Length > 0;
        }
        while (more);
        _failed = false;
    }
}
