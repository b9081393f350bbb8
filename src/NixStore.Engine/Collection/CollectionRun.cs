using System.Collections.Concurrent;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Collection;

/// <summary>
/// The deletions of a collection, batch by batch: look at the files (<see cref="LookAhead"/>), ask for late roots, delete the rows in one
/// transaction, then the files with several workers. At no moment is a file deleted whose row is there, nor a row for whose path a root was
/// acknowledged.
/// </summary>
internal sealed class CollectionRun
{
    private readonly StoreSurvey _survey;
    private readonly StoreDatabaseWriter _database;
    private readonly LateRoots _roots;
    private readonly IRemoval _removal;
    private readonly CollectionJournal _journal;
    private readonly CollectionRequest _request;
    private readonly IReadOnlySet<ulong> _links;
    private readonly ReclaimableSpace _space;
    private readonly Dictionary<int, string> _keepers = [];

    internal CollectionRun(
        StoreSurvey survey, StoreDatabaseWriter database, LateRoots roots, IRemoval removal, CollectionJournal journal, CollectionRequest request)
    {
        (_survey, _database, _roots, _removal, _journal, _request) = (survey, database, roots, removal, journal, request);
        _links = LinksDirectory.ReadInodes(survey.Graph.Store);
        _space = new ReclaimableSpace(_links);
    }

    internal long RemovedCount { get; private set; }

    internal long FreedBytes => _space.Total;

    internal long InUseCount { get; private set; }

    internal long FailedCount { get; private set; }

    /// <summary>Reports what refers to itself in circles: no row of such can be deleted.</summary>
    internal void RefuseCycles()
    {
        foreach (var node in _survey.Garbage.Cyclic.Take(1))
        {
            _request.Failed?.Invoke(new NixStoreException("ReferenceCycle", StoreErrorKind.InvalidData,
                $"'{_survey.Graph.PathOf(node)}' and {_survey.Garbage.Cyclic.Count - 1} other paths refer to each other in a circle; they are left alone.",
                _survey.Graph.PathOf(node), "Test-StoreDatabase names the rows that are wrong; Repair-StoreDatabase mends them."));
        }
    }

    /// <summary>Removes things, referrers before what they refer to.</summary>
    internal void Remove(IReadOnlyList<GarbageItem> items, CancellationToken cancellation)
    {
        _request.Progress.Total = items.Count;
        var links = items.Where(item => item.Kind == StoreGarbageKind.UnusedLink).ToList();
        foreach (var link in _removal.Trash is null ? RemoveLinks(links) : [])
        {
            RemovedCount++;
            Report(link, CollectionOutcome.Deleted, _space.Add(link.Usage!), null);
        }

        items = links.Count == 0 ? items : [.. items.Except(links)];
        using var ahead = new LookAhead(items, _removal.Store, _request.Workers, cancellation);
        while (ahead.Next() is { } batch)
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                RemoveBatch(batch);
            }
            finally
            {
                ahead.Return(batch);
            }
        }
    }

    /// <summary>Removes the entries of .links that only those shared which are gone now.</summary>
    internal void SweepLinks(CancellationToken cancellation)
    {
        if (_removal.Trash is null && _space.Orphans.Count > 0)
        {
            RemoveLinks(LinksDirectory.FindUnused(_survey.Graph.Store, _space.Orphans.Contains, _request.Workers, cancellation));
        }
    }

    private bool ReportIfAlive(GarbageItem item)
    {
        if (item.Node < 0 || !_survey.Live.Contains(item.Node))
        {
            return false;
        }

        Report(item, CollectionOutcome.InUse, 0, _keepers.GetValueOrDefault(item.Node));
        return true;
    }

    private void RemoveBatch(List<Doomed> batch)
    {
        // A thing that cannot be removed keeps what it needs, which comes after it.
        var things = batch.Where(thing => !ReportIfAlive(thing.Item) && IsRemovable(thing)).ToList();
        things.RemoveAll(thing => ReportIfAlive(thing.Item));
        var rootedThings = _roots.Begin(things, thing => thing.Item.HashPart);
        things.ForEach(thing => thing.IsPending = true);
        foreach (var rooted in rootedThings)
        {
            rooted.IsPending = false;
            things.Remove(rooted);
            Keep(rooted.Item.Node, "a process has taken a temporary root for it or for what refers to it");
            Report(rooted.Item, CollectionOutcome.InUse, 0, "a process has taken a temporary root for it");
        }

        try
        {
            Leave(things, thing => ReportIfAlive(thing.Item));
            ForgetRows(things);
            var largestFirst = things.OrderByDescending(thing => thing.Usage.FileCount);
            Parallel.ForEach(
                Partitioner.Create(largestFirst, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = _request.Workers }, RemoveFiles);
            RememberRows(things);
        }
        finally
        {
            things.ForEach(End);
        }

        things.ForEach(Conclude);
    }

    private bool IsRemovable(Doomed thing)
    {
        if (thing.Error is { } error)
        {
            Fail(thing.Item, error);
            return false;
        }

        if (thing.IsBusy)
        {
            Report(thing.Item, CollectionOutcome.InUse, 0, "somebody is working on it");
            return false;
        }

        if (!thing.Exists && thing.Item.Node < 0)
        {
            Report(thing.Item, CollectionOutcome.Gone, 0, null);
            return false;
        }

        return true;
    }

    /// <summary>Takes things out of a batch whose deletion has begun.</summary>
    private void Leave(List<Doomed> things, Func<Doomed, bool> isToLeave) => things.RemoveAll(thing =>
    {
        if (!isToLeave(thing))
        {
            return false;
        }

        End(thing);
        return true;
    });

    private void End(Doomed thing)
    {
        if (thing.IsPending)
        {
            thing.IsPending = false;
            _roots.End(thing.Item.HashPart);
        }
    }

    private void ForgetRows(List<Doomed> things)
    {
        var registered = things.Where(thing => thing.Item.Node >= 0).ToDictionary(thing => _survey.Graph.RowOf(thing.Item.Node));
        var rows = _database.ReadRows(registered.Keys).ToDictionary(row => row.Path, StringComparer.Ordinal);
        things.ForEach(thing => thing.Row = rows.GetValueOrDefault(thing.Item.Path));
        _journal.Write(things.Select(thing => new ThingRemoved(
            thing.Item.Kind, ByteName.Trim(thing.Item.FileName).ToArray(), thing.Item.Path,
            thing.Usage.OwnBytes + thing.Usage.Shared.Sum(file => file.AllocatedBytes), thing.Row)));
        _journal.Sync();
        foreach (var row in _database.Forget([.. things.Select(thing => thing.Item.Node).Where(node => node >= 0).Select(_survey.Graph.RowOf)]))
        {
            var item = registered[row].Item;
            Keep(item.Node, "something that was registered meanwhile refers to it or to what refers to it");
            Leave(things, thing => thing.Item == item && ReportIfAlive(item));
        }
    }

    private void RemoveFiles(Doomed thing)
    {
        try
        {
            if (thing.Exists)
            {
                _removal.Remove(thing);
                thing.MarkStale();
            }

            // As soon as it is gone, whoever waits to make it anew may.
            End(thing);
        }
        catch (StoreIOException error)
        {
            thing.Error = error;
        }
    }

    /// <summary>
    /// Paths of which no file is gone, though they should be, are made valid again; unless what they refer to went with them. What remains
    /// of others is no path any more, and the next collection's work. What others refer to comes first.
    /// </summary>
    private void RememberRows(List<Doomed> things)
    {
        foreach (var thing in things.Where(thing => thing is { Error: not null, Row: not null } && _removal.IsUntouched(thing)).Reverse())
        {
            try
            {
                _database.Remember([thing.Row!]);
            }
            catch (StoreDatabaseException error)
            {
                _request.Failed?.Invoke(error);
            }
        }
    }

    private void Conclude(Doomed thing)
    {
        if (thing.Error is null)
        {
            RemovedCount++;
            Report(thing.Item, _removal.Outcome, _space.Add(thing.Usage), null);
            return;
        }

        Fail(thing.Item, thing.Error);
    }

    private IReadOnlyList<GarbageItem> RemoveLinks(IReadOnlyList<GarbageItem> links)
    {
        var failures = new ConcurrentQueue<(GarbageItem Link, StoreIOException Error)>();
        var removed = links.Count == 0 ? [] : LinksSweeper.Remove(_removal.Store, links, _request.Workers, (link, error) => failures.Enqueue((link, error)));
        foreach (var (link, error) in failures)
        {
            Fail(link, error);
        }

        return removed;
    }

    /// <summary>What stays keeps all that it needs.</summary>
    private void Keep(int node, string why)
    {
        if (node < 0)
        {
            return;
        }

        foreach (var kept in _survey.Live.Add(node))
        {
            _keepers[kept] = why;
        }
    }

    private void Fail(GarbageItem item, NixStoreException error)
    {
        Keep(item.Node, $"it is needed by '{item.Path}', which could not be removed");
        Report(item, CollectionOutcome.Failed, 0, error.Message);
        _request.Failed?.Invoke(error);
    }

    private void Report(GarbageItem item, CollectionOutcome outcome, long freed, string? reason)
    {
        InUseCount += outcome == CollectionOutcome.InUse ? 1 : 0;
        FailedCount += outcome == CollectionOutcome.Failed ? 1 : 0;
        _request.Progress.Add(freed);
        _request.Done?.Invoke(new StoreCollectionItem
        {
            Store = _survey.Graph.Store.Url,
            Path = item.Path,
            Kind = item.Kind,
            Outcome = outcome,
            FreedBytes = freed,
            Reason = reason,
        });
    }
}
