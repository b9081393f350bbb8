using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// An answer, taken off the connection as fast as it comes, however slowly its rows are used: a server hangs up when nobody reads for a while (http_send_timeout, 30 s
/// today), and what it writes then would be taken for rows. What was not read yet is in memory up to a bound, and then in a file without a name, which goes with
/// this process whatever ends it.
/// </summary>
internal sealed class SpooledAnswer : Stream
{
    private const int ChunkSize = 256 << 10;
    private const long LargestInMemory = 64 << 20;

    private readonly HttpResponseMessage _response;
    private readonly Stream _source;
    private readonly BlockingCollection<Chunk> _chunks = [];
    private readonly CancellationTokenSource _stop;
    private readonly Task _taking = Task.CompletedTask;
    private ExceptionDispatchInfo? _error;
    private FileStream? _file;
    private long _fileEnd;
    private long _inMemory;
    private int _inFile;
    private byte[] _buffer = [];
    private int _at;
    private int _end;

    /// <summary>Begins to take it. A small one is whole when this returns.</summary>
    /// <param name="response">The answer, which is disposed of with this.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="HttpRequestException"/>
    internal SpooledAnswer(HttpResponseMessage response, CancellationToken cancellation)
    {
        (_response, _stop) = (response, CancellationTokenSource.CreateLinkedTokenSource(cancellation));
        try
        {
            _source = response.Content.ReadAsStream(cancellation);
            var first = ArrayPool<byte>.Shared.Rent(ChunkSize);
            var count = _source.ReadAtLeast(first.AsSpan(0, ChunkSize), ChunkSize, throwOnEndOfStream: false);
            Keep(first, count);
            if (count < ChunkSize)
            {
                _chunks.CompleteAdding();
            }
            else
            {
                _taking = Task.Run(TakeAsync, CancellationToken.None);
            }
        }
        catch
        {
            Dispose(true);
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="NixStoreException">ScratchNotWritable</exception>
    /// <exception cref="HttpRequestException"/>
    /// <exception cref="OperationCanceledException"/>
    public override int Read(Span<byte> buffer)
    {
        if (_at == _end && !Next())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _end - _at);
        _buffer.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
            _taking.Wait(CancellationToken.None);
            _response.Dispose();
            _file?.Dispose();
            _chunks.Dispose();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task TakeAsync()
    {
        try
        {
            for (var count = ChunkSize; count == ChunkSize;)
            {
                var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
                count = await _source.ReadAtLeastAsync(chunk.AsMemory(0, ChunkSize), ChunkSize, throwOnEndOfStream: false, _stop.Token).ConfigureAwait(false);
                Keep(chunk, count);
            }
        }
        catch (Exception error)
        {
            _error = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _chunks.CompleteAdding();
        }
    }

    /// <summary>Puts a chunk where there is room.</summary>
    private void Keep(byte[] chunk, int count)
    {
        if (Interlocked.Read(ref _inMemory) + ChunkSize <= LargestInMemory)
        {
            Interlocked.Add(ref _inMemory, ChunkSize);
            _chunks.Add(new Chunk(chunk, 0, count), CancellationToken.None);
            return;
        }

        try
        {
            _file ??= TemporaryFolder.OpenFile("answer");

            // From its beginning again when all that was in it has been read.
            _fileEnd = Volatile.Read(ref _inFile) == 0 ? 0 : _fileEnd;
            RandomAccess.Write(_file.SafeFileHandle, chunk.AsSpan(0, count), _fileEnd);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw TemporaryFolder.NotWritable("An answer of the cluster", error);
        }

        Interlocked.Increment(ref _inFile);
        _chunks.Add(new Chunk(null, _fileEnd, count), CancellationToken.None);
        _fileEnd += count;
        ArrayPool<byte>.Shared.Return(chunk);
    }

    private bool Next()
    {
        if (!_chunks.TryTake(out var chunk, Timeout.Infinite, CancellationToken.None))
        {
            _error?.Throw();
            return false;
        }

        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        if (chunk.Bytes is { } bytes)
        {
            Interlocked.Add(ref _inMemory, -ChunkSize);
            _buffer = bytes;
        }
        else
        {
            _buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
            for (var done = 0; done < chunk.Count;)
            {
                var count = RandomAccess.Read(_file!.SafeFileHandle, _buffer.AsSpan(done, chunk.Count - done), chunk.Offset + done);
                done += count > 0 ? count : throw new EndOfStreamException();
            }

            Interlocked.Decrement(ref _inFile);
        }

        (_at, _end) = (0, chunk.Count);
        return chunk.Count > 0 || Next();
    }

    /// <summary>A piece of the answer.</summary>
    /// <param name="Bytes">Where it is in memory; null = in the file.</param>
    /// <param name="Offset">Where it is in the file.</param>
    /// <param name="Count">How many bytes it has.</param>
    private readonly record struct Chunk(byte[]? Bytes, long Offset, int Count);
}
