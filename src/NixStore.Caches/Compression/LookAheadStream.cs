namespace NixStore.Caches.Compression;

/// <summary>A buffered source that can be asked what comes next without taking it.</summary>
internal sealed class LookAheadStream(Stream source) : ReadOnlyStream
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _position;
    private int _length;

    /// <summary>The next bytes, fewer than <paramref name="count"/> only at the end.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_length - _position < count)
        {
            if (_position > 0)
            {
                Buffer.BlockCopy(_buffer, _position, _buffer, 0, _length - _position);
                (_position, _length) = (0, _length - _position);
            }

            var read = source.Read(_buffer, _length, _buffer.Length - _length);
            if (read == 0)
            {
                break;
            }

            _length += read;
        }

        return _buffer.AsSpan(_position, Math.Min(count, _length - _position));
    }

    public override int Read(Span<byte> output)
    {
        var next = Peek(1).IsEmpty ? [] : _buffer.AsSpan(_position, Math.Min(output.Length, _length - _position));
        next.CopyTo(output);
        _position += next.Length;
        return next.Length;
    }

    public override int ReadByte() => Peek(1).IsEmpty ? -1 : _buffer[_position++];

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
