using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Trees;

/// <summary>
/// A file tree that is looked at whole before it is removed: whether all of it can be, and how much that frees. Keeps the names, so that
/// removal asks nothing again. Symbolic links are not followed, other file systems not entered.
/// </summary>
/// <remarks>Not thread-safe; reuse one for many trees, for its buffers.</remarks>
public sealed unsafe class DoomedTree
{
    private const int OwnerAll = 0b111_000_000;
    private const int DirentBuffer = 32 * 1024;
    private const int DirentHeader = 19;

    [ThreadStatic]
    private static byte[]? t_dirents;

    private readonly List<SharedInode> _shared = [];

    // Pinned, because names are given to the kernel by address. There may be thousands of trees at once, most of them small.
    private byte[] _names = GC.AllocateUninitializedArray<byte>(1 << 10, pinned: true);
    private int _namesUsed;
    private Entry[] _entries = new Entry[1 << 5];
    private int _count;
    private FileStatus _root;
    private long _lastUsed;

    /// <summary>Number of files, directories and links.</summary>
    public long FileCount => _count;

    /// <summary>Bytes of disk space of directories and of files with no other link.</summary>
    public long OwnBytes { get; private set; }

    /// <summary>The files that have further links, each as often as it is in the tree. Valid until the next look.</summary>
    public IReadOnlyList<SharedInode> Shared => _shared;

    /// <summary>The latest access time of a file; of the tree itself when there are only directories.</summary>
    public DateTimeOffset LastUsed => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(_lastUsed, 0, 253402300799));

    /// <summary>When the tree's own entry was changed last.</summary>
    public DateTimeOffset Changed => _root.ChangeTime;

    /// <summary>What keeps the tree from being removed; null when nothing does.</summary>
    public NixStoreException? Obstacle { get; private set; }

    /// <summary>Looks at the tree at <paramref name="name"/> (NUL-terminated); false when there is none.</summary>
    /// <exception cref="StoreIOException">It cannot be looked at.</exception>
    public bool Look(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        (_count, _namesUsed, _lastUsed, OwnBytes, Obstacle) = (0, 0, 0, 0, null);
        _shared.Clear();
        if (!Posix.TryStatusAt(parent, name, out _root, out var error))
        {
            return error == Errno.NoEntry ? false : throw new StoreIOException("look at", parent.Combine(name), error);
        }

        Add(name);
        Count(ref _entries[0], _root, parent);
        if (_root.Type == FileType.Directory)
        {
            LookBelow(parent);
        }

        return true;
    }

    /// <summary>
    /// Removes what was seen; what was added since is removed as well, what is gone already is no error.
    /// </summary>
    /// <exception cref="StoreIOException">A part of it could not be removed; <see cref="RemovedAny"/> tells whether others were.</exception>
    public void Remove(FileDescriptor parent)
    {
        RemovedAny = false;
        if (!_entries[0].IsDirectory)
        {
            Unlink(null, parent, _entries[0]);
            return;
        }

        var levels = new Stack<Level>();
        try
        {
            if (Open(parent, 0) is { } root)
            {
                levels.Push(root);
            }

            while (levels.TryPeek(out var level))
            {
                if (level.Next < level.End)
                {
                    var index = level.Next++;
                    if (_entries[index].IsDirectory)
                    {
                        if (Open(level.Directory, index) is { } below)
                        {
                            levels.Push(below);
                        }
                    }
                    else
                    {
                        Unlink(level, level.Directory, _entries[index]);
                    }

                    continue;
                }

                levels.Pop();
                level.Directory.Dispose();
                RemoveDirectory(levels.TryPeek(out var above) ? above : null, above?.Directory ?? parent, _entries[level.Index]);
            }
        }
        finally
        {
            while (levels.TryPop(out var level))
            {
                level.Directory.Dispose();
            }
        }
    }

    /// <summary>True when the last <see cref="Remove"/> has removed something.</summary>
    public bool RemovedAny { get; private set; }

    private void LookBelow(FileDescriptor parent)
    {
        var levels = new Stack<Level>();
        try
        {
            levels.Push(Read(parent, 0));
            while (levels.TryPeek(out var level))
            {
                if (level.Next == level.End)
                {
                    levels.Pop();
                    level.Directory.Dispose();
                    continue;
                }

                var index = level.Next++;
                if (_entries[index].IsDirectory)
                {
                    levels.Push(Read(level.Directory, index));
                }
            }
        }
        catch (StoreIOException error)
        {
            Obstacle ??= error;
        }
        finally
        {
            while (levels.TryPop(out var level))
            {
                level.Directory.Dispose();
            }
        }
    }

    /// <summary>Reads the names of a directory, and looks at each.</summary>
    private Level Read(FileDescriptor parent, int index)
    {
        var directory = Posix.TryOpenAt(parent, Name(_entries[index]),
            OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error)
            ?? throw new StoreIOException("open", parent.Combine(Name(_entries[index])), error);
        var first = _count;
        t_dirents ??= GC.AllocateUninitializedArray<byte>(DirentBuffer, pinned: true);
        var buffer = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(t_dirents, 0);
        for (nint length; (length = Libc.GetDirectoryEntries(directory.Number, buffer, DirentBuffer)) != 0;)
        {
            if (length < 0)
            {
                error = Marshal.GetLastPInvokeError();
                var path = directory.Path;
                directory.Dispose();
                throw new StoreIOException("list", path, error);
            }

            // struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name
            for (byte* dirent = buffer; dirent < buffer + length; dirent += *(ushort*)(dirent + 16))
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(dirent + DirentHeader);
                if (name is not [(byte)'.'] and not [(byte)'.', (byte)'.'])
                {
                    Add(MemoryMarshal.CreateReadOnlySpan(ref *(dirent + DirentHeader), name.Length + 1));
                }
            }
        }

        _entries[index].First = first;
        _entries[index].End = _count;
        FileStatus status;
        for (var child = first; child < _count; child++)
        {
            if (Libc.Statx(directory.Number, Pointer(_entries[child]), Posix.AtSymlinkNoFollow | Posix.AtStatxDontSync, Posix.StatxBasic, &status) < 0)
            {
                error = Marshal.GetLastPInvokeError();
                if (error != Errno.NoEntry)
                {
                    Obstacle ??= new StoreIOException("look at", directory.Combine(Name(_entries[child])), error);
                }

                continue;
            }

            Count(ref _entries[child], status, directory);
        }

        return new Level { Directory = directory, Index = index, Next = first, End = _count };
    }

    private void Count(ref Entry entry, in FileStatus status, FileDescriptor directory)
    {
        entry.IsDirectory = status.Type == FileType.Directory;
        if (entry.IsDirectory || status.LinkCount == 1)
        {
            OwnBytes += status.AllocatedBytes;
        }
        else
        {
            _shared.Add(new SharedInode(status.Inode, (int)Math.Min(status.LinkCount, int.MaxValue), status.AllocatedBytes));
        }

        // Whoever looks through a directory changes its access time; those of files tell more.
        if (!entry.IsDirectory || _count == 1)
        {
            _lastUsed = Math.Max(_lastUsed, status.AccessTime.ToUnixTimeSeconds());
        }

        if (Obstacle is null && status.IsImmutable)
        {
            Obstacle = new StoreIOException("remove", directory.Combine(Name(entry)), Errno.NotPermitted);
        }

        // On overlayfs a file has the device of the layer that it is in, a directory that of the overlay (overlayfs.rst, "Inode properties").
        if (Obstacle is null && ((entry.IsDirectory && status.Device != _root.Device) || status.IsMountRoot))
        {
            Obstacle = new StoreIOException("remove", directory.Combine(Name(entry)), Errno.Busy);
        }
    }

    /// <summary>Opens a directory to remove what is in it; null when it is gone by now.</summary>
    private Level? Open(FileDescriptor parent, int index)
    {
        var entry = _entries[index];
        var name = Name(entry);
        var flags = OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.Directory | OpenFlags.NoFollow;
        var directory = Posix.TryOpenAt(parent, name, flags, 0, out var error);
        if (directory is null && error == Errno.AccessDenied)
        {
            // Ours, but without permission to read: its mode must change before it can be opened.
            Posix.FchmodAt(parent, name, OwnerAll);
            directory = Posix.TryOpenAt(parent, name, flags, 0, out error);
        }

        switch (directory)
        {
            case null when error is Errno.NotDirectory or Errno.Loop:
                // Somebody put something else in its place.
                Unlink(null, parent, entry);
                return null;
            case null when error == Errno.NoEntry:
                return null;
            case null:
                throw new StoreIOException("open", parent.Combine(name), error);
        }

        return new Level { Directory = directory, Index = index, Next = entry.First, End = entry.End };
    }

    private void Unlink(Level? level, FileDescriptor directory, in Entry entry)
    {
        switch (Delete(level, directory, entry, 0))
        {
            case 0 or Errno.NoEntry:
                return;
            case Errno.IsDirectory:
                // Somebody put a directory in its place.
                Archive.TreeRemover.Remove(directory, Name(entry));
                return;
            case var error:
                throw new StoreIOException("remove", directory.Combine(Name(entry)), error);
        }
    }

    private void RemoveDirectory(Level? level, FileDescriptor parent, in Entry entry)
    {
        switch (Delete(level, parent, entry, Posix.AtRemoveDirectory))
        {
            case 0 or Errno.NoEntry:
                return;
            case Errno.NotEmpty or Errno.Exists:
                Archive.TreeRemover.Remove(parent, Name(entry));
                RemovedAny = true;
                return;
            case var error:
                throw new StoreIOException("remove", parent.Combine(Name(entry)), error);
        }
    }

    /// <summary>Unlinks a name, and says why not. Directories of a store are not writable, which stops everybody but root: theirs become so.</summary>
    private int Delete(Level? level, FileDescriptor directory, in Entry entry, int flags)
    {
        while (Libc.UnlinkAt(directory.Number, Pointer(entry), flags) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Errno.AccessDenied || level is not { IsMadeWritable: false })
            {
                return error;
            }

            Posix.Fchmod(directory, OwnerAll);
            level.IsMadeWritable = true;
        }

        RemovedAny = true;
        return 0;
    }

    private void Add(ReadOnlySpan<byte> name)
    {
        if (_names.Length - _namesUsed < name.Length)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_names.Length * 2, _namesUsed + name.Length), pinned: true);
            _names.AsSpan(0, _namesUsed).CopyTo(larger);
            _names = larger;
        }

        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        name.CopyTo(_names.AsSpan(_namesUsed));
        _entries[_count++] = new Entry { Offset = _namesUsed, Length = name.Length };
        _namesUsed += name.Length;
    }

    private ReadOnlySpan<byte> Name(in Entry entry) => _names.AsSpan(entry.Offset, entry.Length);

    private byte* Pointer(in Entry entry) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_names, entry.Offset);

    private struct Entry
    {
        internal int Offset;
        internal int Length;
        internal int First;
        internal int End;
        internal bool IsDirectory;
    }

    private sealed class Level
    {
        internal required FileDescriptor Directory;
        internal required int Index;
        internal int Next;
        internal int End;
        internal bool IsMadeWritable;
    }
}
