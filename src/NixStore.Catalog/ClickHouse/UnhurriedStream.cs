using System.Runtime.ExceptionServices;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// An answer that is read when its reader likes. Servers of today close a connection of which nobody takes anything for half a minute (http_send_timeout of the profile;
/// that of a request says nothing), but answers go into pipelines, which may think about a row for longer: when nothing was read for some seconds, what is still to come
/// is put into a temporary file.
/// </summary>
/// <param name="source">What the server sends.</param>
internal sealed class UnhurriedStream(Stream source) : Stream
{
    private const int PieceLength = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private Timer? _timer;
    private FileStream? _kept;
    private long _keptRead;
    private long _lastRead;
    private ExceptionDispatchInfo? _error;
    private bool _isAtEnd;
    private volatile bool _isWanted;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        _isWanted = true;
        lock (_gate)
        {
            try
            {
                if (_kept is not null && _keptRead < _kept.Length)
                {
                    var count = RandomAccess.Read(_kept.SafeFileHandle, buffer, _keptRead);
                    _keptRead += count;
                    return count;
                }

                _error?.Throw();
                return _isAtEnd ? 0 : source.Read(buffer);
            }
            finally
            {
                _lastRead = Environment.TickCount64;
                _isWanted = false;
                _timer ??= new Timer(_ => TakeAhead(), null, s_patience, s_patience);
            }
        }
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
            _isWanted = true;
            _timer?.Dispose();

            // What is being taken from a server that sends nothing is ended by closing the connection.
            var isFree = _gate.TryEnter(s_patience);
            source.Dispose();
            if (isFree)
            {
                _gate.Exit();
            }

            lock (_gate)
            {
                _isAtEnd = true;
                _kept?.Dispose();
                _kept = null;
            }
        }

        base.Dispose(disposing);
    }

    private void TakeAhead()
    {
        if (Environment.TickCount64 - _lastRead < s_patience.TotalMilliseconds || !_gate.TryEnter())
        {
            return;
        }

        try
        {
            var piece = new byte[PieceLength];
            while (!_isWanted && !_isAtEnd && _error is null)
            {
                var count = source.Read(piece);
                _isAtEnd = count == 0;
                _kept ??= new FileStream(Path.Combine(Path.GetTempPath(), $"nixstore-answer-{Guid.NewGuid():n}"),
                    new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0, Options = FileOptions.DeleteOnClose, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                _kept.Write(piece, 0, count);
            }
        }
        catch (Exception error)
        {
            // Of the server, or of a full disk: the reader is told when it gets there.
            _error = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _gate.Exit();
        }
    }
}
