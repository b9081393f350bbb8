using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>
/// Brings objects back: NARs first, then what belongs to paths, narinfos last, as they are uploaded, and none whose NAR is lost. What is there already
/// stays. A killed restoration is continued by the next one.
/// </summary>
/// <param name="cache">Where they come back.</param>
/// <param name="plans">The plans of the trash: the first one is meant, the others may have what it needs.</param>
/// <param name="index">What they have.</param>
/// <param name="throttleLimit">Objects at the same time.</param>
internal sealed class TrashRestore(IObjectControl cache, IReadOnlyList<TrashPlan> plans, TrashIndex index, int throttleLimit)
{
    private const int BatchSize = 1000;

    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    /// <summary>Keys of what is needed and is neither in the cache nor in the trash.</summary>
    internal IReadOnlyCollection<string> Lost => _lost;

    /// <summary>Brings back all of a plan, and what that leads to.</summary>
    internal Task<TrashRestoreResult> All(StoreDirectory storeDirectory, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
    {
        var records = index.Records("WHERE plan = ?", cancellation, plans[0].Id);
        return Closed(records.Where(record => record.Kind == BinaryCacheObjectKind.NarInfo).Select(record => record.Hash!), records, storeDirectory, told, cancellation);
    }

    /// <summary>Brings back paths and NARs that others need; those who ask have seen to what they lead to.</summary>
    internal Task<TrashRestoreResult> Exactly(IReadOnlyCollection<string> hashes, IReadOnlyCollection<string> keys, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
        => Run(index.Records("WHERE plan = ? AND (key IN (SELECT unnest(CAST(? AS VARCHAR[]))) OR (kind <> 'Nar' AND hash IN (SELECT unnest(CAST(? AS VARCHAR[])))))", cancellation, plans[0].Id, keys.ToList(), hashes.ToList()), told, cancellation);

    /// <summary>Brings back paths with all that they lead to, from all plans.</summary>
    internal Task<TrashRestoreResult> WithClosure(IReadOnlyCollection<string> hashes, StoreDirectory storeDirectory, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
        => Closed(hashes, [], storeDirectory, told, cancellation);

    private async Task<TrashRestoreResult> Closed(
        IEnumerable<string> hashes, IEnumerable<TrashRecord> more, StoreDirectory storeDirectory, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
    {
        var closure = new TrashClosure(cache, plans, index, throttleLimit);
        await closure.Follow(hashes, storeDirectory, cancellation).ConfigureAwait(false);
        _lost.UnionWith(closure.Missing);
        return await Run([.. closure.Records.Values.Concat(more).DistinctBy(record => record.Key, StringComparer.Ordinal)], told, cancellation).ConfigureAwait(false);
    }

    private async Task<TrashRestoreResult> Run(List<TrashRecord> records, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
    {
        var result = new TrashRestoreResult(0, 0, 0, 0);
        foreach (var group in records.GroupBy(record => record.Kind switch { BinaryCacheObjectKind.Nar => 0, BinaryCacheObjectKind.NarInfo => 2, _ => 1 }).OrderBy(group => group.Key))
        {
            foreach (var plan in plans)
            {
                foreach (var batch in group.Where(record => record.PlanId == plan.Id).OrderBy(record => record.Key, StringComparer.Ordinal).Chunk(BatchSize))
                {
                    result = await PutBack(plan, batch, result, told, cancellation).ConfigureAwait(false);
                }
            }
        }

        return result with { Lost = _lost.Count };
    }

    private async Task<TrashRestoreResult> PutBack(TrashPlan plan, TrashRecord[] batch, TrashRestoreResult result, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
    {
        // A narinfo that names a NAR which is nowhere would only send clients after it.
        var outcomes = new PutBackKind[batch.Length];
        await Parallel.ForAsync(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellation },
            async (i, token) => outcomes[i] = batch[i].Url is { } nar && _lost.Contains(nar) ? PutBackKind.Lost : await plan.Removal.PutBack(batch[i], token).ConfigureAwait(false)).ConfigureAwait(false);

        // First the list, then the copies: what is in neither would be lost to a restoration that is killed here.
        var back = batch.Where((_, i) => outcomes[i] != PutBackKind.Lost).ToList();
        await plan.Folder.WriteRestored(back, cancellation).ConfigureAwait(false);
        await Tidy(plan.Removal, back, cancellation).ConfigureAwait(false);
        for (var i = 0; i < batch.Length; i++)
        {
            if (outcomes[i] == PutBackKind.Lost)
            {
                _lost.Add(batch[i].Key);
            }

            told?.Invoke(batch[i], outcomes[i]);
            result = result.With(outcomes[i], batch[i].Size);
        }

        return result;
    }

    /// <summary>Deletes the copies of what is back. A hidden version stays: it is what came back, or older than what is there.</summary>
    private static Task Tidy(IRemoval removal, List<TrashRecord> back, CancellationToken cancellation)
        => removal.Method is TrashMethod.Copy or TrashMethod.Rename && back.Count > 0 ? removal.Clear(back, cancellation) : Task.CompletedTask;
}

/// <summary>What came of a restoration, in objects.</summary>
/// <param name="Restored">Brought back.</param>
/// <param name="AlreadyThere">Were there.</param>
/// <param name="Lost">Are needed, and are neither in the cache nor in the trash.</param>
/// <param name="Bytes">Of those brought back.</param>
internal sealed record TrashRestoreResult(long Restored, long AlreadyThere, long Lost, long Bytes)
{
    /// <summary>With one object more; what is lost is known by its name.</summary>
    internal TrashRestoreResult With(PutBackKind kind, long size) => kind switch
    {
        PutBackKind.Restored => this with { Restored = Restored + 1, Bytes = Bytes + size },
        PutBackKind.AlreadyThere => this with { AlreadyThere = AlreadyThere + 1 },
        _ => this,
    };
}
