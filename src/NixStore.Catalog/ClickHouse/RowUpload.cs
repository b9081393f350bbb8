using System.Buffers;
using System.Collections.Concurrent;
using System.Net;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// Rows on their way to a server, while they are still being made. It hangs up when nothing comes for a while (http_receive_timeout, 30 s today): where the next block
/// keeps it waiting, the request ends, and that block begins another one.
/// </summary>
internal sealed class RowUpload : Stream
{
    private const int ChunkSize = 256 << 10;

    // Enough to keep both ends busy.
    private const int LongestQueue = 64;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Action<HttpContent, CancellationToken> _send;
    private readonly BlockingCollection<Chunk> _chunks = new(LongestQueue);
    private readonly CancellationTokenSource _stop;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
    private int _count;

    private RowUpload(Action<HttpContent, CancellationToken> send, CancellationToken cancellation)
        => (_send, _stop) = (send, CancellationTokenSource.CreateLinkedTokenSource(cancellation));

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Sends rows.</summary>
    /// <param name="write">Writes blocks, and flushes after each. What it throws comes out of this.</param>
    /// <param name="send">Sends a request with some of them, on another thread; it returns when the server has them.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="OperationCanceledException"/>
    internal static void Run(Action<Stream> write, Action<HttpContent, CancellationToken> send, CancellationToken cancellation)
    {
        using var upload = new RowUpload(send, cancellation);
        var sending = Task.Factory.StartNew(upload.Send, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            write(upload);
            upload.Flush();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The server wants no more of them: why comes below.
        }
        catch
        {
            // Half of the rows are not wanted.
            upload._stop.Cancel();
            ((IAsyncResult)sending).AsyncWaitHandle.WaitOne();
            _ = sending.Exception;
            throw;
        }

        upload._chunks.CompleteAdding();
        sending.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = Math.Min(buffer.Length, ChunkSize - _count);
            buffer[..count].CopyTo(_buffer.AsSpan(_count));
            buffer = buffer[count..];
            _count += count;
            if (_count == ChunkSize)
            {
                Give(isEnd: false);
            }
        }
    }

    /// <summary>The end of a block.</summary>
    public override void Flush() => Give(isEnd: true);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _chunks.Dispose();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Give(bool isEnd)
    {
        _chunks.Add(new Chunk(_buffer, _count, isEnd), _stop.Token);
        (_buffer, _count) = (ArrayPool<byte>.Shared.Rent(ChunkSize), 0);
    }

    private void Send()
    {
        try
        {
            while (_chunks.TryTake(out var chunk, Timeout.Infinite, _stop.Token))
            {
                // The last flush may have had nothing left.
                if (chunk.Count > 0)
                {
                    _send(new Body(this, chunk), _stop.Token);
                }
            }
        }
        catch
        {
            _stop.Cancel();
            throw;
        }
    }

    /// <summary>What has come of the rows by now.</summary>
    private void CopyTo(Stream stream, Chunk chunk, CancellationToken cancellation)
    {
        do
        {
            stream.Write(chunk.Bytes, 0, chunk.Count);
            ArrayPool<byte>.Shared.Return(chunk.Bytes);
        }
        while (_chunks.TryTake(out chunk, chunk.IsEnd ? (int)s_patience.TotalMilliseconds : Timeout.Infinite, cancellation));
    }

    /// <summary>A piece of the rows.</summary>
    /// <param name="Bytes">Where they are.</param>
    /// <param name="Count">How many bytes.</param>
    /// <param name="IsEnd">A block ends with it.</param>
    private readonly record struct Chunk(byte[] Bytes, int Count, bool IsEnd);

    /// <summary>The body of a request.</summary>
    private sealed class Body(RowUpload upload, Chunk first) : HttpContent
    {
        /// <inheritdoc/>
        protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellation) => upload.CopyTo(stream, first, cancellation);

        /// <inheritdoc/>
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        /// <inheritdoc/>
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
