using System.Collections.Concurrent;
using NixStore.Caches.Bulk;
using NixStore.Caches.Narinfo;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// Compares what is in the cache by now with what the plan takes. Whatever a narinfo names that came after the plan's catalog, and is the plan's, stays,
/// or comes back with all that it leads to: an upload looks only whether its references and its NAR are there, and they were. So does whatever a narinfo
/// names that has come back from the trash of any plan: it may be as old as it was, and the plan's catalog may have been made without it.
/// </summary>
internal sealed class Reconciliation(
    PrunePlan plan, IObjectControl cache, IRemoval removal, TrashFolder trash, PruneJournal journal, PruneOptions options, PruneProgress progress)
{
    // An inventory is not of one moment, and clocks differ.
    private static readonly TimeSpan s_margin = TimeSpan.FromDays(1);

    private readonly StoreDirectory _storeDirectory = new(plan.Summary.StoreDirectory);
    private readonly Lock _gate = new();

    /// <summary>Does it.</summary>
    /// <exception cref="NixStoreException">PruneNarInfoUnreadable: nobody knows what it needs; errors of the way there.</exception>
    internal async Task<ReconciliationResult> Run(CancellationToken cancellation)
    {
        using var session = plan.OpenSession();
        session.Execute(SqlText.Of("Pruning/Applying/tables"), cancellation);
        await List(session, cancellation).ConfigureAwait(false);
        var relevant = Relevant(session, cancellation);
        Read(session, relevant, cancellation);

        using var index = await TrashIndex.Open([trash], cancellation).ConfigureAwait(false);
        var paths = await FollowPaths(session, index, cancellation).ConfigureAwait(false);
        journal.Add([.. paths.Select(claim => new PathKept(claim.Name, null, claim.Because)), .. KeptKeys(session, "Pruning/Applying/claimed-nars", cancellation)]);
        AddKept(session);
        journal.Add([.. KeptKeys(session, "Pruning/Applying/claimed-sides", cancellation)]);

        var restored = new TrashRestoreResult(0, 0, 0, 0);
        var lost = new ConcurrentQueue<string>();
        if (journal.State.HasUnrestored)
        {
            // All that was ever kept: the last run may have been killed before it brought something back.
            restored = await new TrashRestore(cache, [new TrashPlan(trash, removal)], index, options.Access.ThrottleLimit)
                .Exactly([.. journal.State.KeptPaths.Keys], [.. journal.State.KeptKeys.Keys], (record, kind) =>
                {
                    if (kind == PutBackKind.Lost)
                    {
                        lost.Enqueue(record.Key);
                    }
                }, cancellation).ConfigureAwait(false);
        }

        journal.Add(new Reconciled(relevant.Count, restored.Restored, [.. lost]));
        return new ReconciliationResult(relevant.Count, paths, restored, [.. lost]);
    }

    private async Task List(DuckSession session, CancellationToken cancellation)
    {
        var since = plan.Summary.Source.InventoryTime - s_margin ?? DateTimeOffset.MinValue;
        var known = plan.Summary.Source.InventoryTime ?? plan.Summary.CreatedAt;
        var restored = await trash.FindRestored(cache, since, cancellation).ConfigureAwait(false);

        // What is only tagged is still there until the wave ends, and that says nothing.
        var done = removal.Method == TrashMethod.Tag && !journal.State.WaveEnds.ContainsKey(1) ? new List<(string First, string Last)>() : journal.State.DoneRanges(1).ToList();
        using (var taken = new DuckAppender(session, "taken"))
        {
            foreach (var (first, last) in done)
            {
                taken.Set(0, first);
                taken.Set(1, last);
                taken.EndRow();
            }

            taken.Close();
        }

        using var listed = new DuckAppender(session, "listed");
        await Parallel.ForEachAsync(NarInfoListing.PrefixesOf(cache), new ParallelOptions { MaxDegreeOfParallelism = options.Access.ThrottleLimit, CancellationToken = cancellation }, (prefix, token) =>
        {
            foreach (var (hash, state) in NarInfoListing.Of(cache, prefix, token))
            {
                progress.AddListed(1);
                var isRestored = restored.TryGetValue(hash, out var restoredAt);
                var isFresh = isRestored || state.LastModified >= since;
                if (isFresh || done.Count > 0)
                {
                    lock (_gate)
                    {
                        listed.Set(0, hash);
                        listed.Set(1, (byte)(isFresh ? 1 : 0));

                        // One of the plan's that came back before the plan's catalog was made is what the plan means.
                        listed.Set(2, (byte)(isRestored && restoredAt >= known ? 1 : 0));
                        listed.Set(3, state.ETag);
                        listed.SetMilliseconds(4, state.LastModified);
                        listed.EndRow();
                    }
                }
            }

            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        listed.Close();
    }

    private List<string> Relevant(DuckSession session, CancellationToken cancellation)
    {
        var relevant = new List<string>();
        using var rows = session.Query(SqlText.Of("Pruning/Applying/relevant"), cancellation, plan.Summary.CreatedAt);
        while (rows.Read())
        {
            relevant.Add(rows.GetText(0));
        }

        return relevant;
    }

    private void Read(DuckSession session, List<string> hashes, CancellationToken cancellation)
    {
        using var claims = new DuckAppender(session, "claims");
        new BulkReader(cache.Files, new BulkOptions { ThrottleLimit = options.Access.ThrottleLimit, MaximumRate = options.Access.MaximumRate }).Read(
            hashes.Count,
            index => new BulkRequest(hashes[index] + ".narinfo"),
            (index, answer) =>
            {
                switch (answer.Outcome)
                {
                    case BulkOutcome.Read:
                        Claim(claims, hashes[index], Parse(answer.Bytes.Span, hashes[index]));
                        break;
                    case BulkOutcome.Missing:
                        // It has gone since it was listed, and needs nothing any more.
                        break;
                    default:
                        throw Unreadable(hashes[index], answer.Error!);
                }
            },
            cancellation);
        claims.Close();
    }

    /// <summary>What paths that are kept lead to is kept, too.</summary>
    private async Task<List<(string Name, string Because)>> FollowPaths(DuckSession session, TrashIndex index, CancellationToken cancellation)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            var found = Claimed(session, "Pruning/Applying/claimed-paths", cancellation)
                .Where(claim => !kept.ContainsKey(claim.Name) && !journal.State.KeptPaths.ContainsKey(claim.Name)).ToList();
            if (found.Count == 0)
            {
                return [.. kept.Select(claim => (claim.Key, claim.Value))];
            }

            var records = index.Records("WHERE plan = ? AND kind = 'NarInfo' AND hash IN (SELECT unnest(CAST(? AS VARCHAR[])))", cancellation, trash.PlanId, found.ConvertAll(claim => claim.Name))
                .ToDictionary(record => record.Hash!, StringComparer.Ordinal);
            using var claims = new DuckAppender(session, "claims");
            await Parallel.ForEachAsync(found, new ParallelOptions { MaxDegreeOfParallelism = options.Access.ThrottleLimit, CancellationToken = cancellation }, async (claim, token) =>
            {
                var bytes = await cache.Read(claim.Name + ".narinfo", null, NarInfoReader.MaximumFileSize, token).ConfigureAwait(false)
                    ?? (records.TryGetValue(claim.Name, out var record) ? await removal.Read(record, NarInfoReader.MaximumFileSize, token).ConfigureAwait(false) : null);
                if (bytes is not null)
                {
                    Claim(claims, claim.Because, Parse(bytes, claim.Name), isItself: false);
                }
            }).ConfigureAwait(false);
            claims.Close();
            found.ForEach(claim => kept[claim.Name] = claim.Because);
        }
    }

    private IEnumerable<PathKept> KeptKeys(DuckSession session, string sql, CancellationToken cancellation) => Claimed(session, sql, cancellation)
        .Where(claim => !journal.State.KeptKeys.ContainsKey(claim.Name)).Select(claim => new PathKept(null, claim.Name, claim.Because));

    private void AddKept(DuckSession session)
    {
        using var kept = new DuckAppender(session, "kept");
        foreach (var (column, items) in new[] { (0, journal.State.KeptPaths), (1, journal.State.KeptKeys) })
        {
            foreach (var (name, because) in items)
            {
                kept.Set(column, name);
                kept.Set(2, because);
                kept.EndRow();
            }
        }

        kept.Close();
    }

    private static List<(string Name, string Because)> Claimed(DuckSession session, string sql, CancellationToken cancellation)
    {
        var claimed = new List<(string, string)>();
        using var rows = session.Query(SqlText.Of(sql), cancellation);
        while (rows.Read())
        {
            claimed.Add((rows.GetText(0), rows.GetText(1)));
        }

        return claimed;
    }

    private void Claim(DuckAppender claims, string because, NarInfo narInfo, bool isItself = true)
    {
        var key = ObjectKeys.OfNar(narInfo.Url);
        lock (_gate)
        {
            foreach (var hash in narInfo.Info.References.Select(reference => reference.HashPart).Concat(isItself ? [narInfo.Path.HashPart] : []))
            {
                claims.Set(0, hash);
                claims.Set(3, because);
                claims.EndRow();
            }

            claims.Set(1, key);
            claims.Set(2, narInfo.Info.Deriver?.BaseName);
            claims.Set(3, because);
            claims.EndRow();
        }
    }

    private NarInfo Parse(ReadOnlySpan<byte> bytes, string hash)
    {
        try
        {
            return NarInfoReader.Parse(bytes.ToArray(), _storeDirectory, $"{cache.Address}/{hash}.narinfo");
        }
        catch (NixStoreException error)
        {
            throw Unreadable(hash, error);
        }
    }

    private NixStoreException Unreadable(string hash, NixStoreException error) => new("PruneNarInfoUnreadable", error.Kind,
        $"'{hash}.narinfo' came into '{cache.Address}' after the plan was made, and cannot be read, so that nobody knows what it needs: {error.Message}", hash,
        "Nothing was taken in this run. Mend or remove the narinfo (Test-BinaryCache names such), then run the command again.", error);
}

/// <summary>What a reconciliation has found.</summary>
/// <param name="Read">Narinfos read.</param>
/// <param name="Kept">Paths of the plan that stay or come back, and because of whom.</param>
/// <param name="Restored">What came back.</param>
/// <param name="Lost">What could not.</param>
internal sealed record ReconciliationResult(long Read, IReadOnlyList<(string Name, string Because)> Kept, TrashRestoreResult Restored, IReadOnlyList<string> Lost);
