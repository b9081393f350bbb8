using System.Buffers;

namespace NixStore.Engine.Archive;

/// <summary>
/// The bytes under <see cref="NarReader"/>: a pooled window on a stream that gives exactly what was consumed to an optional sink.
/// </summary>
internal sealed class NarInput(Stream stream, NarSink? tee, bool exact) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(NarSink.BufferSize);
    private int _start;
    private int _end;

    // Consumed bytes from here on have not been given to the sink yet.
    private int _teed;

    /// <summary>Bytes consumed.</summary>
    internal long Position { get; private set; }

    /// <summary>What is in the window and not consumed.</summary>
    internal ReadOnlySpan<byte> Available => _buffer.AsSpan(_start, _end - _start);

    /// <summary>
    /// Makes at least <paramref name="count"/> bytes available; false when the stream ends before. Reads no byte beyond them when the
    /// input was opened as exact.
    /// </summary>
    internal bool Ensure(int count)
    {
        if (_end - _start >= count)
        {
            return true;
        }

        if (_buffer.Length - _start < count || _start == _end)
        {
            Tee();
            Available.CopyTo(_buffer);
            _end -= _start;
            _start = _teed = 0;
        }

        while (_end - _start < count)
        {
            var room = exact ? count - (_end - _start) : _buffer.Length - _end;
            var read = stream.Read(_buffer, _end, room);
            if (read <= 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    internal void Consume(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>The next bytes of a longer run, at most <paramref name="limit"/>, as many as are there without waiting; empty at the end.</summary>
    internal ReadOnlySpan<byte> Take(long limit)
    {
        if (_start == _end)
        {
            // In exact mode ask for the run itself, not for one byte of it.
            Tee();
            _start = _teed = 0;
            _end = Math.Max(stream.Read(_buffer, 0, exact ? (int)Math.Min(limit, _buffer.Length) : _buffer.Length), 0);
        }

        var span = _buffer.AsSpan(_start, (int)Math.Min(limit, _end - _start));
        Consume(span.Length);
        return span;
    }

    /// <summary>Gives the sink what was consumed since the last time.</summary>
    internal void Tee()
    {
        if (tee is not null && _start > _teed)
        {
            tee.Deliver(_buffer.AsSpan(_teed, _start - _teed));
        }

        _teed = _start;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = _end = _teed = 0;
        }
    }
}
