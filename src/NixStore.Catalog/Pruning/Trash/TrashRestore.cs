using NixStore.Catalog.Pruning.Objects;
using NixStore.Caches.Narinfo;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>
/// Brings objects of a plan back: NARs first, then what belongs to paths, narinfos last, as they are uploaded. What is there already stays. A killed
/// restoration is continued by the next one.
/// </summary>
internal sealed class TrashRestore(IObjectControl cache, IRemoval removal, TrashFolder folder, TrashIndex index, int throttleLimit)
{
    private const int BatchSize = 1000;

    /// <summary>Brings back all of a plan.</summary>
    internal Task<TrashRestoreResult> All(Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
        => Run(index.Records("WHERE plan = ?", cancellation, folder.PlanId), told, cancellation);

    /// <summary>Brings back paths and NARs that others need; those who ask have seen to what they lead to.</summary>
    internal Task<TrashRestoreResult> Exactly(IReadOnlyCollection<string> hashes, IReadOnlyCollection<string> keys, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
        => Run(index.Records("WHERE plan = ? AND (key IN (SELECT unnest(CAST(? AS VARCHAR[]))) OR (kind <> 'Nar' AND hash IN (SELECT unnest(CAST(? AS VARCHAR[])))))", cancellation, folder.PlanId, keys.ToList(), hashes.ToList()), told, cancellation);

    /// <summary>Brings back paths with all that they lead to, as far as the trash has it.</summary>
    internal async Task<TrashRestoreResult> WithClosure(IReadOnlyCollection<string> hashes, StoreDirectory storeDirectory, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
    {
        var (seen, level) = (new HashSet<string>(StringComparer.Ordinal), hashes.Distinct(StringComparer.Ordinal).ToList());
        var records = new Dictionary<string, TrashRecord>(StringComparer.Ordinal);
        while (level.Count > 0)
        {
            seen.UnionWith(level);
            var next = new HashSet<string>(StringComparer.Ordinal);
            foreach (var record in index.Records("WHERE plan = ? AND kind <> 'Nar' AND hash IN (SELECT unnest(CAST(? AS VARCHAR[])))", cancellation, folder.PlanId, level))
            {
                records[record.Key] = record;
            }

            foreach (var hash in level)
            {
                if (await NarInfoOf(hash, records, storeDirectory, cancellation).ConfigureAwait(false) is not { } narInfo)
                {
                    continue;
                }

                next.UnionWith(narInfo.Info.References.Select(reference => reference.HashPart).Where(reference => !seen.Contains(reference)));
                foreach (var also in Also(narInfo, cancellation))
                {
                    records[also.Key] = also;
                }
            }

            level = [.. next];
        }

        return await Run([.. records.Values], told, cancellation).ConfigureAwait(false);
    }

    /// <summary>What a narinfo leads to besides its references: its NAR with its debug information, and the log of its build, which several paths may share.</summary>
    private List<TrashRecord> Also(NarInfo narInfo, CancellationToken cancellation)
    {
        var deriver = narInfo.Info.Deriver?.BaseName;
        var nar = ObjectKeys.OfNar(narInfo.Url) ?? "";
        return index.Records("WHERE plan = ? AND (key = ? OR key = ? OR starts_with(key, ?) OR (kind = 'DebugInfo' AND hash IN (SELECT hash FROM trash WHERE url = ?)))", cancellation,
            folder.PlanId, nar, deriver is null ? "" : $"log/{deriver}", deriver is null ? "\n" : $"log/{deriver}.", nar);
    }

    private async Task<NarInfo?> NarInfoOf(string hash, Dictionary<string, TrashRecord> records, StoreDirectory storeDirectory, CancellationToken cancellation)
    {
        var key = hash + ".narinfo";

        // What is in the cache counts: somebody may have written it anew.
        var bytes = await cache.Read(key, null, NarInfoReader.MaximumFileSize, cancellation).ConfigureAwait(false)
            ?? (records.TryGetValue(key, out var record) ? await removal.Read(record, NarInfoReader.MaximumFileSize, cancellation).ConfigureAwait(false) : null);
        return bytes is null ? null : NarInfoReader.Parse(bytes, storeDirectory, $"{cache.Address}/{key}");
    }

    private async Task<TrashRestoreResult> Run(List<TrashRecord> records, Action<TrashRecord, PutBackKind>? told, CancellationToken cancellation)
    {
        var result = new TrashRestoreResult(0, 0, 0, 0);
        foreach (var group in records.GroupBy(record => record.Kind switch { BinaryCacheObjectKind.Nar => 0, BinaryCacheObjectKind.NarInfo => 2, _ => 1 }).OrderBy(group => group.Key))
        {
            foreach (var batch in group.OrderBy(record => record.Key, StringComparer.Ordinal).Chunk(BatchSize))
            {
                var outcomes = new PutBackKind[batch.Length];
                await Parallel.ForAsync(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellation },
                    async (i, token) => outcomes[i] = await removal.PutBack(batch[i], token).ConfigureAwait(false)).ConfigureAwait(false);

                // First the list, then the copies: what is in neither would be lost to a restoration that is killed here.
                var back = batch.Where((_, i) => outcomes[i] != PutBackKind.Lost).ToList();
                await folder.WriteRestored(back, cancellation).ConfigureAwait(false);
                await Tidy(back, cancellation).ConfigureAwait(false);
                for (var i = 0; i < batch.Length; i++)
                {
                    told?.Invoke(batch[i], outcomes[i]);
                    result = result.With(outcomes[i], batch[i].Size);
                }
            }
        }

        return result;
    }

    /// <summary>Deletes the copies of what is back. A hidden version stays: it is what came back, or older than what is there.</summary>
    private Task Tidy(List<TrashRecord> back, CancellationToken cancellation)
        => removal.Method is TrashMethod.Copy or TrashMethod.Rename && back.Count > 0 ? removal.Clear(back, cancellation) : Task.CompletedTask;
}

/// <summary>What came of a restoration, in objects.</summary>
/// <param name="Restored">Brought back.</param>
/// <param name="AlreadyThere">Were there.</param>
/// <param name="Lost">The trash does not have them any more.</param>
/// <param name="Bytes">Of those brought back.</param>
internal sealed record TrashRestoreResult(long Restored, long AlreadyThere, long Lost, long Bytes)
{
    internal TrashRestoreResult With(PutBackKind kind, long size) => kind switch
    {
        PutBackKind.Restored => this with { Restored = Restored + 1, Bytes = Bytes + size },
        PutBackKind.AlreadyThere => this with { AlreadyThere = AlreadyThere + 1 },
        _ => this with { Lost = Lost + 1 },
    };
}
