using System.Buffers;

namespace NixStore.Caches.Compression;

/// <summary>
/// Reads decompressed data. Data that is cut off, that is damaged, or that is followed by something else is an error, never
/// a quiet end: the hash would tell too, but not why.
/// </summary>
internal sealed class DecoderStream(IBlockDecoder decoder, Stream source, NarCompression compression, string target) : ReadOnlyStream
{
    private const int BufferSize = 64 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _position;
    private int _length;
    private bool _sourceEnded;
    private bool _betweenFrames;
    private bool _finished;
    private int _frame = 1;
    private long _producedInFrame;

    public override int Read(Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        while (!_finished && output.Length > 0)
        {
            Fill();
            if (_betweenFrames && !NextFrame())
            {
                continue;
            }

            var progress = Decode(output);
            _position += progress.Consumed;
            _producedInFrame += progress.Produced;
            _betweenFrames = progress.Ended;
            if (progress.Produced > 0)
            {
                return progress.Produced;
            }

            if (progress is { Ended: false, Consumed: 0 })
            {
                throw _sourceEnded && _position == _length ? CutOff() : CodecException.Corrupt(compression, target, "it does not make sense");
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            decoder.Dispose();
            source.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        base.Dispose(disposing);
    }

    private void Fill()
    {
        if (_position == _length && !_sourceEnded)
        {
            _position = 0;
            _length = source.Read(_buffer, 0, BufferSize);
            _sourceEnded = _length == 0;
        }
    }

    // False when there is no frame to go on with yet.
    private bool NextFrame()
    {
        _position += decoder.SkipPadding(_buffer.AsSpan(_position, _length - _position));
        if (_position == _length)
        {
            _finished = _sourceEnded;
            return false;
        }

        if (!decoder.CanConcatenate)
        {
            throw CodecException.TrailingGarbage(compression, target);
        }

        decoder.StartFrame();
        (_betweenFrames, _producedInFrame) = (false, 0);
        _frame++;
        return true;
    }

    private CodecProgress Decode(Span<byte> output)
    {
        try
        {
            return decoder.Decode(_buffer.AsSpan(_position, _length - _position), output);
        }
        catch (CodecException e) when (_frame > 1 && _producedInFrame == 0 && e.ErrorId == "CompressedDataCorrupt")
        {
            throw CodecException.TrailingGarbage(compression, target);
        }
    }

    private CodecException CutOff() => _frame > 1 && _producedInFrame == 0
        ? CodecException.TrailingGarbage(compression, target)
        : CodecException.Truncated(compression, target);
}
