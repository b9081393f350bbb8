using System.Buffers;

namespace NixStore.Engine.Archive;

/// <summary>
/// Where the bytes of an archive go. Framing and file contents are collected in one large buffer that is handed on when it is full:
/// read(2) puts file contents straight into it (<see cref="GetSpan"/>, <see cref="Advance"/>), and a hash takes them from there,
/// so nothing is copied and no call is made per small file.
/// </summary>
/// <remarks>Not thread-safe. Can be used again after <see cref="Reset"/>.</remarks>
public abstract class NarSink : IDisposable
{
    /// <summary>Fits the second-level cache of current processors beside the page-cache pages that are read.</summary>
    public const int BufferSize = 256 * 1024;

    private byte[]? _buffer;
    private int _used;
    private long _delivered;

    /// <summary>Bytes taken so far.</summary>
    public long Length => _delivered + _used;

    /// <summary>Free space in the buffer, at least one byte and at least <paramref name="minimum"/>.</summary>
    public Span<byte> GetSpan(int minimum = 1)
    {
        var buffer = _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        if (buffer.Length - _used < minimum)
        {
            Flush();
        }

        return buffer.AsSpan(_used);
    }

    /// <summary>Takes bytes that were written into <see cref="GetSpan"/>.</summary>
    public void Advance(int count) => _used += count;

    /// <summary>Takes bytes by copying them; large blocks go through directly.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= BufferSize)
        {
            Flush();
            Deliver(bytes);
            return;
        }

        bytes.CopyTo(GetSpan(bytes.Length));
        _used += bytes.Length;
    }

    /// <summary>Takes <paramref name="count"/> zeros, fewer than a buffer.</summary>
    public void WriteZeros(int count)
    {
        GetSpan(count)[..count].Clear();
        _used += count;
    }

    /// <summary>Hands on what is in the buffer.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            var count = _used;
            _used = 0;
            Deliver(_buffer.AsSpan(0, count));
        }
    }

    /// <summary>Forgets everything taken so far.</summary>
    public virtual void Reset()
    {
        _used = 0;
        _delivered = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Hands a block past the buffer, which must be empty: for those who have the bytes in a buffer of their own.</summary>
    internal void Deliver(ReadOnlySpan<byte> bytes)
    {
        _delivered += bytes.Length;
        Consume(bytes);
    }

    /// <summary>Does with the next bytes of the stream what this sink is for.</summary>
    protected abstract void Consume(ReadOnlySpan<byte> bytes);

    /// <summary>Gives the buffer back.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && _buffer is { } buffer)
        {
            _buffer = null;
            _used = 0;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
