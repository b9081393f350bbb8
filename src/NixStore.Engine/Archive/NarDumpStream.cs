using System.IO.Pipelines;
using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// The archive of a file tree as a stream to read from. <see cref="NarDumper"/> pushes and a reader pulls, so the dumper works on a thread of
/// its own, at most <see cref="Window"/> bytes ahead. What it fails with is thrown by the read that comes to it.
/// </summary>
public sealed class NarDumpStream : Stream
{
    /// <summary>How far the dumper may be ahead: a few of its blocks, so that neither side waits for the other at every one.</summary>
    private const int Window = 4 * NarSink.BufferSize;

    private readonly CancellationTokenSource _stop;
    private readonly Stream _reader;
    private readonly Task _dumping;

    /// <summary>Begins to archive what is at <paramref name="name"/> in <paramref name="parent"/>, which must stay open until disposal.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name.</param>
    /// <param name="cancellation">Ends the dumping; the next read then throws.</param>
    public NarDumpStream(FileDescriptor parent, byte[] name, CancellationToken cancellation)
    {
        var pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: Window, resumeWriterThreshold: Window / 2, minimumSegmentSize: NarSink.BufferSize,
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _reader = pipe.Reader.AsStream();
        _dumping = Task.Factory.StartNew(
            () => Dump(parent, name, pipe.Writer, _stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
    public override int Read(byte[] buffer, int offset, int count) => _reader.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _reader.Read(buffer);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => _reader.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => _reader.ReadAsync(buffer, offset, count, cancellationToken);

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
            _reader.Dispose();

            // The directory belongs to the caller, who may close it right after this.
            _dumping.Wait();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private static void Dump(FileDescriptor parent, byte[] name, PipeWriter writer, CancellationToken stop)
    {
        try
        {
            using var sink = new PipeSink(writer);
            new NarDumper().Dump(parent, name, sink, cancellation: stop);
            sink.Flush();
            writer.Complete();
        }
        catch (Exception error)
        {
            writer.Complete(error);
        }
    }

    private sealed class PipeSink(PipeWriter writer) : NarSink
    {
        protected override void Consume(ReadOnlySpan<byte> bytes)
        {
            System.Buffers.BuffersExtensions.Write(writer, bytes);
            var flushed = writer.FlushAsync();
            if (!flushed.IsCompletedSuccessfully)
            {
                flushed.AsTask().Wait();
                return;
            }

            if (flushed.Result.IsCompleted)
            {
                throw new OperationCanceledException("Nobody reads the archive any more.");
            }
        }
    }
}
