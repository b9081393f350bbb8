using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Liveness;

/// <summary>The hard links of an optimised store, <c>.links</c>, as far as collecting needs them.</summary>
public static class LinksDirectory
{
    /// <summary>The inodes of all entries, from the directory alone.</summary>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlySet<ulong> ReadInodes(StoreLocation store)
    {
        var inodes = new HashSet<ulong>();
        using var directory = TryOpen(store);
        if (directory is null)
        {
            return inodes;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            inodes.Add(entries.Inode);
        }

        return inodes;
    }

    /// <summary>The entries that no path shares any more, with what they take.</summary>
    /// <param name="store">The store.</param>
    /// <param name="among">Only entries with these inodes; null for all. Each of them is asked for by a system call.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<GarbageItem> FindUnused(StoreLocation store, Func<ulong, bool>? among, int workers, CancellationToken cancellation)
    {
        using var directory = TryOpen(store);
        if (directory is null)
        {
            return [];
        }

        var names = new List<byte[]>();
        using (var entries = new DirectoryEntries(directory))
        {
            while (entries.MoveNext())
            {
                if (among is null || among(entries.Inode))
                {
                    names.Add(entries.Name.ToArray());
                }
            }
        }

        return [.. names.AsParallel().AsOrdered().WithDegreeOfParallelism(workers).WithCancellation(cancellation)
            .Select(name => LookAt(store, directory, name)).Where(item => item is not null).Select(item => item!)];
    }

    private static GarbageItem? LookAt(StoreLocation store, FileDescriptor directory, byte[] name)
        => Posix.TryStatusAt(directory, name, out var status, out _) && status.LinkCount == 1 && status.Type is FileType.Regular or FileType.SymbolicLink
            ? new GarbageItem(store, name) { Usage = new TreeUsage(status.AllocatedBytes, [], 1, status.AccessTime, status.ChangeTime, null) } : null;

    private static FileDescriptor? TryOpen(StoreLocation store)
    {
        // Those that are seen in an overlay store are the lower store's: it has none of its own.
        if (store.Overlay is not null)
        {
            return null;
        }

        var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(store.LinksDirectory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime | OpenFlags.NoFollow, 0, out var error);
        return directory is null && error != Errno.NoEntry ? throw new StoreIOException("open", store.LinksDirectory, error) : directory;
    }
}
