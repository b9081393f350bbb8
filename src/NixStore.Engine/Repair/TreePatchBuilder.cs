using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Compares an archive with a tree while it is read, and stages only what differs: an intact file costs one reading, nothing is written
/// for it. The result may be applied only when the archive as a whole proved to be the right one.
/// </summary>
internal sealed class TreePatchBuilder
{
    private static readonly int s_createFlags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow;
    private static readonly int s_lookFlags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime | OpenFlags.NonBlocking;
    private const int PrivateFile = 0b110_000_000;

    private readonly NarReader _reader;
    private readonly FileDescriptor _store;
    private readonly StagingDirectory _staging;
    private readonly NarRestoreOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly Stack<Level> _levels = new();
    private readonly List<TreeChange> _changes = [];
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _written;

    private TreePatchBuilder(
        NarReader reader, FileDescriptor store, StagingDirectory staging, NarRestoreOptions options, CancellationToken cancellation)
    {
        _reader = reader;
        _store = store;
        _staging = staging;
        _options = options;
        _cancellation = cancellation;
    }

    /// <summary>Reads an archive to its end and works out what a store object lacks.</summary>
    /// <param name="nar">The archive.</param>
    /// <param name="store">The open store.</param>
    /// <param name="baseName">The object; it need not exist.</param>
    /// <param name="staging">Where to stage.</param>
    /// <param name="hash">SHA-256 and size of the archive that was read: the caller compares them before anything else.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NarFormatException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">What the stream throws.</exception>
    internal static TreePatch Build(
        Stream nar, WritableStore store, string baseName, StagingDirectory staging, out NarHash hash, CancellationToken cancellation)
    {
        // The registered hash decides what is right here, so what an older Nix registered beyond today's limits is accepted as well.
        var options = store.RestoreOptions with { Limits = NarLimits.Existing };
        using var sink = new HashSink();
        using var reader = new NarReader(nar, options.Limits, sink, leaveOpen: true);
        var builder = new TreePatchBuilder(reader, store.Directory, staging, options, cancellation);
        builder.Run(baseName);
        hash = sink.Finish();
        return new TreePatch(builder._changes, builder._written, hash.Size);
    }

    private void Run(string baseName)
    {
        try
        {
            while (_reader.Read())
            {
                _cancellation.ThrowIfCancellationRequested();
                if (_reader.Token == NarToken.EndDirectory)
                {
                    EndDirectory();
                    continue;
                }

                if (_reader.Depth == 0)
                {
                    Node(_store, ByteName.From(baseName), default);
                }
                else
                {
                    var level = _levels.Peek();
                    level.Names.Add(new ByteString(_reader.Name));
                    Node(level.Directory, ByteName.From(_reader.Name), Below(level.Path, _reader.Name));
                }
            }
        }
        finally
        {
            while (_levels.TryPop(out var level))
            {
                level.Directory.Dispose();
            }
        }
    }

    private void Node(FileDescriptor parent, byte[] name, ByteString path)
    {
        if (!Posix.TryStatusAt(parent, name, out var status, out var error))
        {
            if (error == Errno.NoEntry)
            {
                _changes.Add(new TreeChange.Create(path, Stage()));
                return;
            }

            var failure = new StoreIOException("stat", parent.Combine(name), error);
            if (failure.Kind != StoreErrorKind.ReadError)
            {
                throw failure;
            }

            // There, but the disk cannot say what it is.
            _changes.Add(new TreeChange.Replace(path, Stage(), default));
            return;
        }

        switch (_reader.Token)
        {
            case NarToken.BeginDirectory when status.Type == FileType.Directory && TryEnter(parent, name, path):
                break;
            case NarToken.Symlink when status.Type == FileType.SymbolicLink && Posix.ReadLinkAt(parent, name).AsSpan().SequenceEqual(_reader.Target):
                break;
            case NarToken.Regular when status.Type == FileType.Regular && status.Size == _reader.Size:
                Compare(parent, name, path, status);
                break;
            default:
                _changes.Add(new TreeChange.Replace(path, Stage(), status));
                break;
        }
    }

    /// <summary>Goes into a directory; false when it cannot be listed: then it is replaced as a whole, like a file that cannot be read.</summary>
    private bool TryEnter(FileDescriptor parent, byte[] name, ByteString path)
    {
        var directory = Posix.TryOpenAt(parent, name, s_lookFlags | OpenFlags.Directory, 0, out _);
        if (directory is null)
        {
            return false;
        }

        try
        {
            var level = new Level(directory, path);
            using var entries = new DirectoryEntries(directory);
            while (entries.MoveNext())
            {
                level.Present.Add(new ByteString(ByteName.Trim(entries.Name)));
            }

            _levels.Push(level);
            return true;
        }
        catch (StoreIOException)
        {
            directory.Dispose();
            return false;
        }
    }

    private void EndDirectory()
    {
        var level = _levels.Pop();
        level.Directory.Dispose();
        foreach (var name in level.Present.Where(name => !level.Names.Contains(name)))
        {
            _changes.Add(new TreeChange.Remove(Below(level.Path, name.Span)));
        }
    }

    /// <summary>Stages the current node with all below it.</summary>
    private byte[] Stage()
    {
        var name = _staging.NewName();
        _written += NarRestorer.RestoreNode(_reader, _staging.Directory, name, _options, _cancellation);
        return name;
    }

    /// <summary>Compares a file of the right size with the archive's; from the first difference on the archive's is staged.</summary>
    private void Compare(FileDescriptor parent, byte[] name, ByteString path, in FileStatus status)
    {
        using var file = Posix.TryOpenAt(parent, name, s_lookFlags, 0, out _);
        long equal = 0;
        while (_reader.ReadContents() is { IsEmpty: false } piece)
        {
            if (file is null || !IsNext(file, piece, equal))
            {
                _changes.Add(new TreeChange.Replace(path, StageFrom(file, equal, piece), status));
                return;
            }

            equal += piece.Length;
            _cancellation.ThrowIfCancellationRequested();
        }

        if (status.IsExecutable != _reader.IsExecutable)
        {
            _changes.Add(new TreeChange.SetMode(path, _reader.IsExecutable));
        }
    }

    private bool IsNext(FileDescriptor file, ReadOnlySpan<byte> piece, long offset)
    {
        try
        {
            while (!piece.IsEmpty)
            {
                var count = Posix.Pread(file, _buffer.AsSpan(0, Math.Min(_buffer.Length, piece.Length)), offset);
                if (count == 0 || !_buffer.AsSpan(0, count).SequenceEqual(piece[..count]))
                {
                    return false;
                }

                piece = piece[count..];
                offset += count;
            }

            return true;
        }
        catch (StoreIOException)
        {
            // What cannot be read (EIO) is as damaged as what is wrong.
            return false;
        }
    }

    /// <summary>Makes the staged file of the part that proved equal, the piece that did not, and what is left in the archive.</summary>
    private byte[] StageFrom(FileDescriptor? file, long equal, ReadOnlySpan<byte> piece)
    {
        var name = _staging.NewName();
        using var staged = Posix.OpenAt(_staging.Directory, name, s_createFlags, PrivateFile);
        for (long offset = 0; offset < equal;)
        {
            var count = Posix.Pread(file!, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, equal - offset)), offset);
            if (count == 0)
            {
                throw new StoreIOException("read again", file!.Path, Errno.InputOutput);
            }

            Posix.WriteAll(staged, _buffer.AsSpan(0, count));
            offset += count;
        }

        Posix.WriteAll(staged, piece);
        while (_reader.ReadContents() is { IsEmpty: false } next)
        {
            Posix.WriteAll(staged, next);
            _cancellation.ThrowIfCancellationRequested();
        }

        _written += _reader.Size;
        if (_options.Owner is { } owner)
        {
            Posix.FchownAt(_staging.Directory, name, owner.User, owner.Group);
        }

        NarRestorer.Finish(staged, _reader.IsExecutable ? CanonicalMetadata.ExecutableMode : CanonicalMetadata.FileMode, _options.Sync);
        return name;
    }

    private static ByteString Below(ByteString directory, ReadOnlySpan<byte> name)
        => directory.IsEmpty ? new ByteString(name) : new ByteString([.. directory.Span, (byte)'/', .. name]);

    private sealed record Level(FileDescriptor Directory, ByteString Path)
    {
        /// <summary>What the archive has in it.</summary>
        internal HashSet<ByteString> Names { get; } = [];

        /// <summary>What the disk has in it.</summary>
        internal List<ByteString> Present { get; } = [];
    }
}
