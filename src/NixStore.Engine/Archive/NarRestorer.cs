using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// Makes a file tree of an archive, with canonical metadata. Everything is made relative to the descriptor of its directory, exclusively
/// and without following links, so a hostile archive cannot reach outside; when anything fails, all that was written is removed again.
/// </summary>
public sealed class NarRestorer
{
    private const int CreateFlags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive;
    private const int PrivateDirectory = 0b111_000_000;
    private const int PrivateFile = 0b110_000_000;

    private readonly NarReader _reader;
    private readonly NarRestoreOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly Stack<FileDescriptor> _open = new();
    private readonly byte[] _name = new byte[256];
    private long _files;
    private long _contentBytes;

    private NarRestorer(NarReader reader, NarRestoreOptions options, CancellationToken cancellation)
    {
        _reader = reader;
        _options = options;
        _cancellation = cancellation;
    }

    /// <summary>Restores an archive.</summary>
    /// <param name="nar">The archive; read to its end, not disposed.</param>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name to make there; it must not exist. The caller syncs <paramref name="parent"/>.</param>
    /// <param name="options">Choices; <see cref="NarRestoreOptions.Default"/> when null.</param>
    /// <param name="cancellation">Looked at for every file and block.</param>
    /// <exception cref="NarFormatException">The archive is not acceptable; see there for the ids.</exception>
    /// <exception cref="StoreIOException">A system call failed: DiskFull, PathExists, …</exception>
    /// <exception cref="OperationCanceledException"/>
    public static RestoredNar Restore(
        Stream nar, FileDescriptor parent, ReadOnlySpan<byte> name, NarRestoreOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= NarRestoreOptions.Default;
        using var hash = new HashSink();
        using var reader = new NarReader(nar, options.Limits, hash, options.IsEmbedded, leaveOpen: true);
        var restorer = new NarRestorer(reader, options, cancellation);
        reader.Read();
        restorer.RestoreCurrent(parent, name, () => reader.Read());
        return new RestoredNar(hash.Finish(), restorer._files, restorer._contentBytes);
    }

    /// <summary>Restores the node that a reader stands on, with all below it; the reader then stands on the node's last token.</summary>
    /// <returns>Bytes of contents of regular files that were written.</returns>
    /// <inheritdoc cref="Restore"/>
    internal static long RestoreNode(
        NarReader reader, FileDescriptor parent, ReadOnlySpan<byte> name, NarRestoreOptions options, CancellationToken cancellation)
    {
        var restorer = new NarRestorer(reader, options, cancellation);
        restorer.RestoreCurrent(parent, name, null);
        return restorer._contentBytes;
    }

    /// <summary>Makes the current node; what is to be read behind it belongs to its making, so that an error there undoes it.</summary>
    private void RestoreCurrent(FileDescriptor parent, ReadOnlySpan<byte> name, Action? readOn)
    {
        var made = false;
        try
        {
            do
            {
                _cancellation.ThrowIfCancellationRequested();
                var directory = _open.Count > 0 ? _open.Peek() : parent;
                var entry = _open.Count == 0 ? name : TerminateName();
                switch (_reader.Token)
                {
                    case NarToken.BeginDirectory:
                        Posix.MkdirAt(directory, entry, PrivateDirectory);
                        made = true;
                        _open.Push(Posix.OpenAt(directory, entry, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow));
                        _files++;
                        break;
                    case NarToken.EndDirectory:
                        EndDirectory(name, parent);
                        break;
                    case NarToken.Regular:
                        Regular(directory, entry, ref made);
                        _files++;
                        break;
                    case NarToken.Symlink:
                        Posix.SymlinkAt(ByteName.From(_reader.Target), directory, entry);
                        made = true;
                        SetOwner(directory, entry);
                        Posix.SetModificationTimeAt(directory, entry, CanonicalMetadata.ModificationTime);
                        _files++;
                        break;
                }
            }
            while (_open.Count > 0 && _reader.Read());

            readOn?.Invoke();
            if (_options.Sync == NarSync.FileSystem)
            {
                Posix.Syncfs(parent);
            }
        }
        catch
        {
            if (made)
            {
                RemoveAgain(parent, name);
            }

            throw;
        }
        finally
        {
            while (_open.TryPop(out var directory))
            {
                directory.Dispose();
            }
        }
    }

    private void Regular(FileDescriptor directory, ReadOnlySpan<byte> name, ref bool made)
    {
        using var file = Posix.OpenAt(directory, name, CreateFlags | OpenFlags.NoFollow, PrivateFile);
        made = true;
        while (_reader.ReadContents() is { IsEmpty: false } piece)
        {
            Posix.WriteAll(file, piece);
            _contentBytes += piece.Length;
            _cancellation.ThrowIfCancellationRequested();
        }

        SetOwner(directory, name);
        Finish(file, _reader.IsExecutable ? CanonicalMetadata.ExecutableMode : CanonicalMetadata.FileMode, _options.Sync);
    }

    private void EndDirectory(ReadOnlySpan<byte> rootName, FileDescriptor parent)
    {
        using var directory = _open.Pop();
        if (_options.Owner is not null)
        {
            SetOwner(_open.Count > 0 ? _open.Peek() : parent, _open.Count > 0 ? TerminateName() : rootName);
        }

        Finish(directory, CanonicalMetadata.ExecutableMode, _options.Sync);
    }

    /// <summary>The last steps, in this order: each of the earlier ones would undo a later one.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Finish(FileDescriptor file, int mode, NarSync sync)
    {
        CanonicalMetadata.RemoveAttributes(file);
        Posix.Fchmod(file, mode);
        Posix.SetModificationTime(file, CanonicalMetadata.ModificationTime);
        if (sync == NarSync.EachFile)
        {
            Posix.Fsync(file);
        }
    }

    private void SetOwner(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        if (_options.Owner is { } owner)
        {
            Posix.FchownAt(directory, name, owner.User, owner.Group);
        }
    }

    private ReadOnlySpan<byte> TerminateName()
    {
        var name = _reader.Name;
        name.CopyTo(_name);
        _name[name.Length] = 0;
        return _name.AsSpan(0, name.Length + 1);
    }

    private static void RemoveAgain(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        try
        {
            TreeRemover.Remove(parent, name);
        }
        catch (StoreIOException)
        {
            // The error that made us give up says more than this one; what is left has a name nobody registered.
        }
    }
}
