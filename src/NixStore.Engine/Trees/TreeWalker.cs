using System.Runtime.InteropServices;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Trees;

/// <summary>
/// Walks file trees, one after another, without following a symbolic link or changing an access time. A file costs no system call and no
/// allocation beyond what the derived class does with it; a directory costs openat, getdents64 and close. What fails is told
/// (<see cref="OnError"/>) and left out; the rest of the tree goes on.
/// </summary>
/// <remarks>
/// An explicit stack: trees of old stores and of attackers can be deeper than a thread's stack. Not thread-safe: keep one for each worker.
/// </remarks>
internal abstract unsafe class TreeWalker
{
    private const int CancellationInterval = 64;

    // Every level holds a descriptor open.
    private static readonly int s_maximumDepth = NarLimits.Existing.MaximumDepth;

    private readonly DirectoryArena _arena = new();
    private Frame[] _frames = new Frame[64];
    private int _depth;
    private byte[] _path = new byte[1024];
    private int _pathLength;
    private FileDescriptor _parent = FileDescriptor.WorkingDirectory;
    private byte[] _rootName = [0];

    // O_NOATIME belongs to the owner of a file and to root; after the first refusal it is not asked for again.
    private int _noAccessTime = OpenFlags.NoAccessTime;

    /// <summary>Walks what is at <paramref name="name"/> in <paramref name="parent"/>.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name of the root of the tree.</param>
    /// <param name="cancellation">Looked at now and then.</param>
    /// <exception cref="OperationCanceledException"/>
    protected void WalkTree(FileDescriptor parent, byte[] name, CancellationToken cancellation)
    {
        (_parent, _rootName, _pathLength) = (parent, name, 0);
        _arena.Clear();
        try
        {
            fixed (byte* root = name)
            {
                Root(parent.Number, root);
            }

            Walk(cancellation);
        }
        finally
        {
            while (_depth > 0)
            {
                _ = Libc.Close(_frames[--_depth].Descriptor);
            }

            GC.KeepAlive(parent);
        }
    }

    /// <summary>How many directories of the tree are open; the entry of a tree that is no directory has none.</summary>
    protected int Depth => _depth;

    /// <summary>The path of the current directory below the root of the tree, no NUL; empty for the root itself. Valid until the walk goes on.</summary>
    protected ReadOnlySpan<byte> DirectoryPath => _path.AsSpan(0, _pathLength);

    /// <summary>A directory was opened; its entries follow.</summary>
    protected virtual void OnDirectory(int descriptor)
    {
    }

    /// <summary>Anything but a directory.</summary>
    /// <param name="directory">The open directory that it is in.</param>
    /// <param name="name">Its name there, NUL-terminated.</param>
    /// <param name="type">Its type.</param>
    /// <param name="inode">Its inode number.</param>
    protected abstract void OnFile(int directory, byte* name, FileType type, ulong inode);

    /// <summary>The entries of a directory are over; it is still open.</summary>
    protected virtual void OnDirectoryEnd(int descriptor)
    {
    }

    /// <summary>Something could not be looked at.</summary>
    protected abstract void OnError(NixStoreException error);

    /// <summary>The error of a call that has just failed, about an entry of the current directory, or with null about the directory itself.</summary>
    protected StoreIOException Failed(string operation, byte* name) => new(operation, Describe(name), Marshal.GetLastPInvokeError());

    /// <summary>The full path of an entry of the current directory, for messages; with null of the directory itself.</summary>
    protected string Describe(byte* name)
    {
        var root = _parent.Combine(_rootName);
        var directory = _pathLength == 0 ? root : $"{root}/{ByteName.ToDisplay(_path.AsSpan(0, _pathLength))}";
        return name is null || _depth == 0 ? directory : $"{directory}/{ByteName.ToDisplay(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name))}";
    }

    private void Root(int parent, byte* name)
    {
        if (TryEnter(parent, name, 0))
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() is not (Errno.NotDirectory or Errno.Loop))
        {
            OnError(Failed("open", name));
            return;
        }

        FileStatus status;
        if (Libc.Statx(parent, name, Posix.AtSymlinkNoFollow | Posix.AtStatxDontSync, Posix.StatxBasic, &status) < 0)
        {
            OnError(Failed("stat", name));
            return;
        }

        OnFile(parent, name, status.Type, status.Inode);
    }

    private void Walk(CancellationToken cancellation)
    {
        for (var files = 0; _depth > 0; files++)
        {
            if (files % CancellationInterval == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            ref var frame = ref _frames[_depth - 1];
            _pathLength = frame.PathLength;
            if (frame.Next == frame.End)
            {
                OnDirectoryEnd(frame.Descriptor);
                _ = Libc.Close(frame.Descriptor);
                _arena.Truncate(frame.Begin, frame.NamesMark);
                _depth--;
                continue;
            }

            ref readonly var entry = ref _arena[frame.Next++];
            var name = _arena.Pointer(entry);
            var type = entry.Type == FileType.Unknown ? AskType(frame.Descriptor, name) : entry.Type;
            if (type == FileType.Directory)
            {
                Directory(frame.Descriptor, entry, name);
            }
            else if (type != FileType.Unknown)
            {
                OnFile(frame.Descriptor, name, type, entry.Inode);
            }
        }
    }

    private FileType AskType(int directory, byte* name)
    {
        FileStatus status;
        if (Libc.Statx(directory, name, Posix.AtSymlinkNoFollow | Posix.AtStatxDontSync, Posix.StatxBasic, &status) == 0)
        {
            return status.Type;
        }

        OnError(Failed("stat", name));
        return FileType.Unknown;
    }

    private void Directory(int parent, in DirectoryArena.Entry entry, byte* name)
    {
        if (_depth == s_maximumDepth)
        {
            OnError(new NixStoreException("TreeTooDeep", StoreErrorKind.NotSupported,
                $"'{Describe(name)}' is nested deeper than {s_maximumDepth} directories.", Describe(name)));
            return;
        }

        var length = AppendToPath(_arena.Name(entry));
        if (!TryEnter(parent, name, length))
        {
            OnError(Failed("open", name));
        }
    }

    /// <summary>Opens a directory and puts it on the stack; false with errno set when it cannot be opened.</summary>
    private bool TryEnter(int parent, byte* name, int pathLength)
    {
        var descriptor = Open(parent, name);
        if (descriptor < 0)
        {
            return false;
        }

        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _pathLength = pathLength;
        var begin = _arena.Count;
        ref var frame = ref _frames[_depth++];
        frame = new Frame { Descriptor = descriptor, Begin = begin, Next = begin, NamesMark = _arena.NamesUsed, PathLength = pathLength };
        OnDirectory(descriptor);
        if (!_arena.TryAddAll(descriptor))
        {
            OnError(Failed("list", null));
        }

        frame.End = _arena.Count;
        return true;
    }

    private int Open(int parent, byte* name)
    {
        for (; ; )
        {
            var descriptor = Libc.OpenAt(
                parent, name, OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec | _noAccessTime, 0);
            if (descriptor >= 0)
            {
                return descriptor;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Interrupted:
                    continue;
                case Errno.NotPermitted when _noAccessTime != 0:
                    _noAccessTime = 0;
                    continue;
                default:
                    return descriptor;
            }
        }
    }

    /// <summary>Writes the path of an entry behind that of the current directory; gives the new length.</summary>
    private int AppendToPath(ReadOnlySpan<byte> name)
    {
        var length = _pathLength + (_pathLength > 0 ? 1 : 0) + name.Length;
        if (_path.Length < length)
        {
            Array.Resize(ref _path, Math.Max(_path.Length * 2, length));
        }

        if (_pathLength > 0)
        {
            _path[_pathLength] = (byte)'/';
        }

        name.CopyTo(_path.AsSpan(length - name.Length));
        return length;
    }

    /// <summary>An open directory: its entries in the arena, and what to cut the arena and the path back to.</summary>
    private struct Frame
    {
        internal int Descriptor;
        internal int Begin;
        internal int End;
        internal int Next;
        internal int NamesMark;
        internal int PathLength;
    }
}
