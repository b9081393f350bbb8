using System.Collections.Concurrent;
using NixStore.Engine.Archive;
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
        var wanted = TrashManifest.ReadAll(store, failed)
            .Select(manifest => (Manifest: manifest, Things: manifest.Things.Where(thing => isWanted(StoreTrash.Describe(store, manifest, thing))).ToList()))
            .Where(collection => collection.Things.Count > 0).ToList();
        if (wanted.Count == 0)
        {
            return 0;
        }

        using var volume = TrashVolume.Open(store);
        var space = new ReclaimableSpace(LinksDirectory.ReadInodes(store));
        foreach (var (manifest, things) in wanted)
        {
            cancellation.ThrowIfCancellationRequested();
            Clear(store, volume, manifest, things, space, workers, done, failed);
        }

        SweepLinks(store, volume, space, workers, failed, cancellation);
        return space.Total;
    }

    private static void Clear(
        StoreLocation store, TrashVolume volume, TrashManifest manifest, List<ThingRemoved> things, ReclaimableSpace space, int workers,
        Action<StoreTrashResult> done, Action<NixStoreException> failed)
    {
        using (var directory = volume.TryOpenCollection(manifest.Id, make: false))
        {
            using (var journal = CollectionJournal.Open(manifest.JournalFile))
            {
                journal.Write(things.Select(thing => new ThingCleared(thing.Path)));
                journal.Sync();
            }

            // All are looked at before the first one goes: how many links a file has must not change meanwhile.
            var usages = Each(things, workers, thing => directory is null ? TreeUsage.None : LookAt(directory, thing));
            var errors = Each(things, workers, thing => directory is null ? null : TryDelete(directory, thing));
            foreach (var ((thing, usage), error) in things.Zip(usages).Zip(errors))
            {
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

    private static List<T> Each<T>(IReadOnlyList<ThingRemoved> things, int workers, Func<ThingRemoved, T> work)
        => [.. things.AsParallel().AsOrdered().WithDegreeOfParallelism(Math.Min(workers, 512)).Select(work)];

    private static TreeUsage LookAt(FileDescriptor directory, ThingRemoved thing)
    {
        var tree = new DoomedTree();
        try
        {
            return tree.Look(directory, ByteName.From(thing.Name.AsSpan())) ? TreeUsage.Of(tree) : TreeUsage.None;
        }
        catch (StoreIOException)
        {
            // Deleting it will say what is wrong.
            return TreeUsage.None;
        }
    }

    private static StoreIOException? TryDelete(FileDescriptor directory, ThingRemoved thing)
    {
        try
        {
            TreeRemover.Remove(directory, ByteName.From(thing.Name.AsSpan()));
            return null;
        }
        catch (StoreIOException error)
        {
            return error;
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
