using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Liveness;

/// <summary>Looks into garbage with all processors: what it takes on disk, when it was used last, what would keep it from being removed.</summary>
public static class GarbageSizer
{
    /// <summary>Fills in <see cref="GarbageItem.Usage"/> and <see cref="GarbageItem.ReclaimableSize"/> of each, in the order given.</summary>
    /// <param name="store">The store.</param>
    /// <param name="items">What to look into.</param>
    /// <param name="links">The inodes of .links.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="looked">Called after each, from any worker; for progress.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException">The store directory cannot be opened.</exception>
    public static void Measure(
        StoreLocation store, IReadOnlyList<GarbageItem> items, IReadOnlySet<ulong> links, int workers, Action? looked, CancellationToken cancellation)
    {
        using var directory = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        Parallel.For(
            0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, () => new DoomedTree(),
            (index, _, tree) =>
            {
                items[index].Usage ??= Look(tree, directory, items[index]);
                looked?.Invoke();
                return tree;
            },
            _ => { });
        var space = new ReclaimableSpace(links);
        foreach (var item in items)
        {
            item.ReclaimableSize = space.Add(item.Usage!);
        }
    }

    private static TreeUsage Look(DoomedTree tree, FileDescriptor directory, GarbageItem item)
    {
        if (item.Kind == StoreGarbageKind.Ghost)
        {
            return TreeUsage.None;
        }

        try
        {
            return tree.Look(directory, item.FileName) ? TreeUsage.Of(tree) : TreeUsage.None;
        }
        catch (StoreIOException error)
        {
            return TreeUsage.None with { Obstacle = error };
        }
    }
}
