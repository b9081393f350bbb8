using System.Diagnostics;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Locks;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Collection;

/// <summary>
/// Collects garbage beside a live Nix by Nix's own protocol (GC-SPEC §6; Nix libstore/gc.cc:collectGarbage): the big lock shared, the
/// collector's lock, the roots server from the first moment, then a look at everything, and only then deletions.
/// </summary>
public static class Collector
{
    /// <summary>Collects.</summary>
    /// <exception cref="NixStoreException">DatabaseNotTrustworthy, StoreLocked, StoreReadOnly, RootsIncomplete, OverlayNotMounted, …: nothing was deleted.</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="OperationCanceledException"/>
    public static StoreCollection Collect(StoreLocation store, CollectionRequest request, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        OverlayMount.EnsureMounted(store);
        BallastFile.GiveUpIfScarce(store);
        using var database = StoreDatabaseWriter.Open(store, cancellation);
        database.CommitToDisk();
        using var collectorLock = CollectorLock.Acquire(store, request.Timeout, request.Waiting, cancellation);
        using var journal = CollectionJournal.Create(store, request.Trash);
        var roots = new LateRoots();
        using var server = RootsServer.Start(store, roots, path => journal.Write([new RootReceived(store.Directory.Print(path))]));
        StoreSurvey survey;
        IReadOnlyList<GarbageItem> chosen;
        IRemoval removal;
        try
        {
            survey = Survey(database, request, cancellation);
            chosen = request.Choose(survey);
            removal = request.Trash ? new TrashRemoval(store, journal.Id) : new Deletion(store);
        }
        catch
        {
            journal.Discard();
            throw;
        }

        using (removal)
        {
            journal.Write([Begin(survey, removal)]);
            var run = new CollectionRun(survey, database, roots, removal, journal, request);
            run.RefuseCycles();
            run.Remove(chosen, cancellation);
            run.SweepLinks(cancellation);
            journal.Write([new CollectionEnded(run.RemovedCount, run.FreedBytes)]);
            journal.Sync();
            return new StoreCollection
            {
                Store = store.Url,
                Id = journal.Id,
                RemovedCount = run.RemovedCount,
                FreedBytes = run.FreedBytes,
                InUseCount = run.InUseCount,
                FailedCount = run.FailedCount,
                Trashed = request.Trash,
                Journal = journal.Path,
                Duration = Stopwatch.GetElapsedTime(start),
            };
        }
    }

    /// <summary>Looks at everything, and refuses to go on where something cannot be believed; SQLite's own checks run beside that.</summary>
    private static StoreSurvey Survey(StoreDatabaseWriter database, CollectionRequest request, CancellationToken cancellation)
    {
        var soundness = Task.Factory.StartNew(
            () => CollectionGuard.EnsureSound(database.Store, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            var survey = StoreSurvey.Take(database, request.Settings, cancellation);
            foreach (var passed in CollectionGuard.EnsureRootsRead(survey))
            {
                request.Warned?.Invoke(passed);
            }

            CollectionGuard.EnsurePlausible(survey);
            ReferenceGuard.EnsureNoneMissing(survey, database, request.Workers, cancellation);
            return survey;
        }
        finally
        {
            // Its error goes before those above: they may come from the same damage.
            soundness.GetAwaiter().GetResult();
        }
    }

    private static CollectionBegun Begin(StoreSurvey survey, IRemoval removal) => new(
        survey.Graph.Store.Url, Environment.MachineName, Environment.UserName, Environment.ProcessId, removal.Trash,
        survey.Roots.Where(root => root is { Kind: StoreRootKind.Permanent, Path: not null })
            .DistinctBy(root => root.Link).ToDictionary(root => root.Link, root => root.Path!, StringComparer.Ordinal));
}
