using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// Removes a file tree below a directory descriptor, whatever its modes. Symbolic links are removed, not followed; what another file
/// system is mounted on is not entered.
/// </summary>
/// <remarks>Not thread-safe. Whoever removes many trees keeps one for its buffers.</remarks>
public sealed unsafe class TreeRemover
{
    private const int OwnerAll = 0b111_000_000;

    // An explicit stack: trees of old stores and of attackers can be deeper than a thread's stack.
    private readonly DirectoryArena _arena = new();
    private readonly Stack<Level> _levels = new();
    private ulong _device;

    /// <summary>True to remove immutable and append-only files as well, where the privilege is there.</summary>
    internal bool ClearsImmutable { get; init; }

    /// <summary>Removes what is at <paramref name="name"/> (NUL-terminated), if anything is.</summary>
    /// <returns>True when there was something.</returns>
    /// <exception cref="StoreIOException"/>
    public static bool Remove(FileDescriptor parent, ReadOnlySpan<byte> name) => new TreeRemover().RemoveTree(parent, name);

    /// <inheritdoc cref="Remove"/>
    public bool RemoveTree(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        if (!Posix.TryStatusAt(parent, name, out var status, out var error))
        {
            return error == Errno.NoEntry ? false : throw new StoreIOException("stat", parent.Combine(name), error);
        }

        if (status.Type != FileType.Directory)
        {
            Unlink(parent, name);
            return true;
        }

        _arena.Clear();
        _device = status.Device;
        RemoveDirectory(parent, name);
        return true;
    }

    private void RemoveDirectory(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        try
        {
            Enter(parent, name);
            while (_levels.TryPeek(out var level))
            {
                if (level.Next < level.End)
                {
                    var entry = _arena[level.Next++];
                    var below = MemoryMarshal.CreateReadOnlySpan(ref *_arena.Pointer(entry), entry.Length + 1);
                    var type = entry.Type == FileType.Unknown ? Posix.StatusAt(level.Directory, below).Type : entry.Type;
                    if (type == FileType.Directory)
                    {
                        Enter(level.Directory, below);
                    }
                    else
                    {
                        Unlink(level.Directory, below);
                    }

                    continue;
                }

                _levels.Pop();
                level.Directory.Dispose();
                _arena.Truncate(level.Begin, level.NamesMark);
                if (_levels.TryPeek(out var above))
                {
                    var entry = _arena[above.Next - 1];
                    Posix.RmdirAt(above.Directory, MemoryMarshal.CreateReadOnlySpan(ref *_arena.Pointer(entry), entry.Length + 1));
                }
                else
                {
                    Posix.RmdirAt(parent, name);
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

    private void Unlink(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        try
        {
            Posix.UnlinkAt(directory, name);
        }
        catch (StoreIOException error) when (ClearsImmutable && error.ErrorNumber == Errno.NotPermitted)
        {
            if (!ImmutableFlag.Clear(directory, name))
            {
                throw;
            }

            Posix.UnlinkAt(directory, name);
        }
    }

    private void Enter(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        var flags = OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.Directory | OpenFlags.NoFollow;
        var directory = Posix.TryOpenAt(parent, name, flags, 0, out var error);
        if (directory is null && error == Errno.AccessDenied)
        {
            // Ours, but without permission to read: its mode must change before it can be opened.
            Posix.FchmodAt(parent, name, OwnerAll);
            directory = Posix.TryOpenAt(parent, name, flags, 0, out error);
        }

        if (directory is null)
        {
            throw new StoreIOException("open", parent.Combine(name), error);
        }

        var level = new Level { Directory = directory, Begin = _arena.Count, Next = _arena.Count, NamesMark = _arena.NamesUsed };
        _levels.Push(level);
        var status = Posix.Status(directory);
        if (status.Device != _device)
        {
            throw new StoreIOException("remove", directory.Path, Errno.CrossDevice);
        }

        if (ClearsImmutable && status.IsImmutable)
        {
            Posix.ClearImmutable(directory);
        }

        if ((status.Mode & OwnerAll) != OwnerAll)
        {
            Posix.Fchmod(directory, OwnerAll);
        }

        if (!_arena.TryAddAll(directory.Number))
        {
            throw new StoreIOException("list", directory.Path, Marshal.GetLastPInvokeError());
        }

        level.End = _arena.Count;
    }

    private sealed class Level
    {
        internal required FileDescriptor Directory;
        internal int Begin;
        internal int Next;
        internal int End;
        internal int NamesMark;
    }
}
