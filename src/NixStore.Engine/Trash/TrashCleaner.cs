using System.Collections.Concurrent;
using NixStore.Engine.Collection;
using NixStore.Engine.Liveness;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Trash;

/// <summary>Deletes for ever what is in the trash, and the entries of .links that only that has shared.</summary>
public static class TrashCleaner
{
    /// <summary>Clears things out.</summary>
    /// <param name="store">The store.</param>
    /// <param name="isWanted">Which.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="done">Gets what became of each, on the caller's thread.</param>
    /// <param name="failed">Gets each error, on the caller's thread; the rest goes on.</param>
    /// <param name="cancellation">Ends it; what has begun is finished.</param>
    /// <returns>Bytes of disk space that came free.</returns>
    /// <exception cref="NixStoreException">TrashOnOtherFileSystem</exception>
    /// <exception cref="StoreIOException"/>
    public static long Clear(
        StoreLocation store, Func<StoreTrashItem, bool> isWanted, int workers, Action<StoreTrashResult> done, Action<NixStoreException> failed,
        CancellationToken cancellation)
    {
        var wanted = StoreTrash.List(store, failed).Where(isWanted).ToLookup(item => item.Id);
        if (wanted.Count == 0)
        {
            return 0;
        }

        using var volume = TrashVolume.Open(store);
        var space = new ReclaimableSpace(LinksDirectory.ReadInodes(store));
        foreach (var manifest in TrashManifest.ReadAll(store, _ => { }).Where(manifest => wanted.Contains(manifest.Id)))
        {
            cancellation.ThrowIfCancellationRequested();
            Clear(store, volume, manifest, wanted[manifest.Id].Select(item => item.Path).ToHashSet(StringComparer.Ordinal), space, workers, done, failed);
        }

        SweepLinks(store, volume, space, workers, failed, cancellation);
        return space.Total;
    }

    private static void Clear(
        StoreLocation store, TrashVolume volume, TrashManifest manifest, HashSet<string> paths, ReclaimableSpace space, int workers,
        Action<StoreTrashResult> done, Action<NixStoreException> failed)
    {
        using (var directory = volume.TryOpenCollection(manifest.Id, make: false))
        {
            var things = manifest.Things.Where(thing => paths.Contains(thing.Path)).ToList();
            using (var journal = CollectionJournal.Open(manifest.JournalFile))
            {
                journal.Write(things.Select(thing => new ThingCleared(thing.Path)));
                journal.Sync();
            }

            var results = new ConcurrentDictionary<ThingRemoved, (TreeUsage Usage, NixStoreException? Error)>();
            Parallel.ForEach(things, new ParallelOptions { MaxDegreeOfParallelism = workers }, () => new DoomedTree(),
                (thing, _, tree) =>
                {
                    results[thing] = directory is null ? (TreeUsage.None, null) : Delete(directory, thing, tree);
                    return tree;
                },
                _ => { });
            foreach (var thing in things)
            {
                var (usage, error) = results[thing];
                if (error is not null)
                {
                    failed(error);
                }

                done(new StoreTrashResult
                {
                    Store = store.Url,
                    Id = manifest.Id,
                    Path = thing.Path,
                    Outcome = error is null ? TrashOutcome.Cleared : TrashOutcome.Failed,
                    FreedBytes = error is null ? space.Add(usage) : 0,
                });
            }
        }

        try
        {
            TrashManifest.Finish(store, volume, manifest.JournalFile);
        }
        catch (StoreIOException error)
        {
            failed(error);
        }
    }

    private static (TreeUsage Usage, NixStoreException? Error) Delete(FileDescriptor directory, ThingRemoved thing, DoomedTree tree)
    {
        try
        {
            if (!tree.Look(directory, ByteName.From(thing.Name.AsSpan())))
            {
                return (TreeUsage.None, null);
            }

            tree.Remove(directory);
            return (TreeUsage.Of(tree), null);
        }
        catch (StoreIOException error)
        {
            return (TreeUsage.None, error);
        }
    }

    private static void SweepLinks(
        StoreLocation store, TrashVolume volume, ReclaimableSpace space, int workers, Action<NixStoreException> failed, CancellationToken cancellation)
    {
        if (space.Orphans.Count == 0)
        {
            return;
        }

        // Entries of .links are removed under the collector's lock only; whoever adds a root meanwhile is answered.
        using var collectorLock = CollectorLock.Acquire(store, Timeout.InfiniteTimeSpan, null, cancellation);
        using var server = RootsServer.Start(store, new LateRoots(), null);
        var errors = new ConcurrentQueue<StoreIOException>();
        _ = LinksSweeper.Remove(volume.Store, LinksDirectory.FindUnused(store, space.Orphans.Contains, workers, cancellation), workers, (_, error) => errors.Enqueue(error));
        foreach (var error in errors)
        {
            failed(error);
        }
    }
}
