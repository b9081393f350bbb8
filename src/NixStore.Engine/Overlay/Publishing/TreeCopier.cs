using System.Runtime.InteropServices;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Copies a tree while it is hashed, with canonical metadata and nothing else of what the originals have: each byte is read once, and the hash
/// is that of what was written. Where the file system can share blocks it does (FICLONE), and the hash is that of the clone.
/// </summary>
/// <remarks>
/// copy_file_range(2) would not be faster: what it writes would have to be read once more for the hash. Nothing is synced. Not thread-safe;
/// keep one for each worker.
/// </remarks>
/// <param name="owner">Who gets the files; null to leave them to whoever this process is.</param>
/// <param name="read">Told of the bytes of contents that went by.</param>
internal sealed class TreeCopier(StoreOwner? owner, Action<long> read) : NarObserver, IDisposable
{
    // Of linux/fs.h, the same on all architectures but PowerPC, MIPS and SPARC.
    private const nuint CloneRequest = 0x40049409;
    private const int PrivateDirectory = 0b111_000_000;
    private const int PrivateFile = 0b110_000_000;

    private readonly Stack<(FileDescriptor Directory, int PathLength)> _open = new();
    private FileDescriptor _parent = FileDescriptor.WorkingDirectory;
    private byte[] _name = [];
    private FileDescriptor? _file;
    private byte[] _fileName = [];
    private bool _isExecutable;
    private bool _isFileCloned;
    private bool _anyCloned;
    private bool _anyCopied;
    private bool _cannotClone;

    /// <summary>True when all files of the last copy that have contents share their blocks with the originals, and there is one at least.</summary>
    internal bool IsCloned => _anyCloned && !_anyCopied;

    /// <summary>Begins a copy.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name to make there.</param>
    internal void Begin(FileDescriptor parent, byte[] name)
    {
        Close();
        (_parent, _name, _anyCloned, _anyCopied) = (parent, name, false, false);
    }

    /// <summary>Ends the copy: the directories that are still open get their metadata.</summary>
    /// <exception cref="StoreIOException"/>
    internal void End()
    {
        while (_open.Count > 0)
        {
            FinishDirectory();
        }
    }

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file)
    {
        var (parent, name) = Place(file.RelativePath);
        Posix.MkdirAt(parent, name, PrivateDirectory);
        _open.Push((Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow), file.RelativePath.Length));
        SetOwner(parent, name);
    }

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file)
    {
        var (parent, name) = Place(file.RelativePath);
        var flags = (_cannotClone ? OpenFlags.WriteOnly : OpenFlags.ReadWrite) | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow;
        _file = Posix.OpenAt(parent, name, flags, PrivateFile);
        (_fileName, _isExecutable) = (name, file.Status.IsExecutable);
        _isFileCloned = !_cannotClone && file.Status.Size > 0 && TryClone(file);
    }

    /// <inheritdoc/>
    public override void OnContents(ReadOnlySpan<byte> piece)
    {
        if (!_isFileCloned)
        {
            Posix.WriteAll(_file!, piece);
            _anyCopied = true;
        }

        read(piece.Length);
    }

    /// <inheritdoc/>
    public override void OnRegularEnd(ReadOnlySpan<byte> relativePath)
    {
        SetOwner(_open.Count > 0 ? _open.Peek().Directory : _parent, _fileName);
        NarRestorer.Finish(_file!, _isExecutable ? CanonicalMetadata.ExecutableMode : CanonicalMetadata.FileMode, NarSync.None);
        _file!.Dispose();
        _file = null;
    }

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target)
    {
        var (parent, name) = Place(file.RelativePath);
        Posix.SymlinkAt(ByteName.From(target), parent, name);
        SetOwner(parent, name);
        Posix.SetModificationTimeAt(parent, name, CanonicalMetadata.ModificationTime);
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <summary>
    /// Shares the blocks, and lets whoever reads the original read the clone: somebody could change the original after it was cloned and back
    /// before it is hashed.
    /// </summary>
    private bool TryClone(in NarFile file)
    {
        if (Libc.Ioctl(_file!.Number, CloneRequest, file.Descriptor) < 0)
        {
            _cannotClone = true;
            return false;
        }

        _anyCloned = true;
        if (Libc.Dup3(_file.Number, file.Descriptor, OpenFlags.CloseOnExec) < 0)
        {
            throw new StoreIOException("read", _file.Path, Marshal.GetLastPInvokeError());
        }

        return true;
    }

    /// <summary>Where the copy of a file goes. The tree is walked depth first, so directories that are behind it are finished.</summary>
    private (FileDescriptor Parent, byte[] Name) Place(ReadOnlySpan<byte> relativePath)
    {
        if (relativePath.IsEmpty)
        {
            return (_parent, _name);
        }

        var slash = relativePath.LastIndexOf((byte)'/');
        while (_open.Peek().PathLength > Math.Max(slash, 0))
        {
            FinishDirectory();
        }

        return (_open.Peek().Directory, ByteName.From(relativePath[(slash + 1)..]));
    }

    private void FinishDirectory()
    {
        using var directory = _open.Pop().Directory;
        NarRestorer.Finish(directory, CanonicalMetadata.ExecutableMode, NarSync.None);
    }

    private void SetOwner(FileDescriptor parent, byte[] name)
    {
        if (owner is { } given)
        {
            Posix.FchownAt(parent, name, given.User, given.Group);
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
        while (_open.TryPop(out var level))
        {
            level.Directory.Dispose();
        }
    }
}
