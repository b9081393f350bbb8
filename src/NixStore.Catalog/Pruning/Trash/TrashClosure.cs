using System.Collections.Concurrent;
using NixStore.Caches.Narinfo;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>
/// Follows paths through the cache and the trash of all its plans: a path that one plan has taken may need what another one took later. Of what several
/// plans have, that of the first of them counts, then the newest.
/// </summary>
/// <param name="cache">The cache.</param>
/// <param name="plans">The plans, of which the first one is preferred.</param>
/// <param name="index">What they have.</param>
/// <param name="throttleLimit">Narinfos read at the same time.</param>
internal sealed class TrashClosure(IObjectControl cache, IReadOnlyList<TrashPlan> plans, TrashIndex index, int throttleLimit)
{
    private readonly Dictionary<string, TrashPlan> _plans = plans.ToDictionary(plan => plan.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, TrashRecord> _records = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    /// <summary>Objects in the trash that belong to the paths that were followed, by their keys.</summary>
    internal IReadOnlyDictionary<string, TrashRecord> Records => _records;

    /// <summary>Narinfos and NARs that they need and that are neither in the cache nor in the trash.</summary>
    internal IReadOnlySet<string> Missing => _missing;

    /// <summary>Follows paths to all that they lead to.</summary>
    /// <exception cref="NixStoreException">Errors of reading.</exception>
    internal async Task Follow(IEnumerable<string> hashes, StoreDirectory storeDirectory, CancellationToken cancellation)
    {
        var seen = new HashSet<string>(hashes, StringComparer.Ordinal);
        for (var level = seen.ToList(); level.Count > 0;)
        {
            Take("kind <> 'Nar' AND hash IN (SELECT unnest(CAST($2 AS VARCHAR[])))", level, cancellation);
            var narInfos = await Read(level, storeDirectory, cancellation).ConfigureAwait(false);
            _missing.UnionWith(level.Where(hash => !narInfos.ContainsKey(hash)).Select(hash => hash + ".narinfo"));
            var read = narInfos.Values.OfType<NarInfo>().ToList();
            await Complete(read, cancellation).ConfigureAwait(false);
            level = [.. read.SelectMany(narInfo => narInfo.Info.References).Select(reference => reference.HashPart).Where(seen.Add)];
        }
    }

    /// <summary>What narinfos lead to besides their references: NARs with their debug information, and logs of builds, which several paths may share.</summary>
    private async Task Complete(List<NarInfo> narInfos, CancellationToken cancellation)
    {
        var nars = narInfos.Select(narInfo => ObjectKeys.OfNar(narInfo.Url)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var logs = narInfos.Select(narInfo => narInfo.Info.Deriver?.BaseName).OfType<string>().Select(deriver => $"log/{deriver}");
        Take(@"coalesce(nullif(regexp_extract(key, '^(log/.*\.drv)\.[^/]*$', 1), ''), key) IN (SELECT unnest(CAST($2 AS VARCHAR[])))", [.. nars, .. logs], cancellation);
        Take("kind = 'DebugInfo' AND hash IN (SELECT hash FROM trash WHERE url IN (SELECT unnest(CAST($2 AS VARCHAR[]))))", [.. nars], cancellation);
        foreach (var some in nars.Where(nar => !_records.ContainsKey(nar)).Order(StringComparer.Ordinal).Chunk(1000))
        {
            var there = await cache.Look(some, cancellation).ConfigureAwait(false);
            _missing.UnionWith(some.Where(nar => there.GetValueOrDefault(nar) is not { IsThere: true }));
        }
    }

    /// <summary>Reads narinfos; one that is damaged is there, and leads nowhere.</summary>
    private async Task<ConcurrentDictionary<string, NarInfo?>> Read(IReadOnlyList<string> hashes, StoreDirectory storeDirectory, CancellationToken cancellation)
    {
        var narInfos = new ConcurrentDictionary<string, NarInfo?>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(hashes, new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellation }, async (hash, token) =>
        {
            // What is in the cache counts: somebody may have written it anew.
            var key = hash + ".narinfo";
            var bytes = await cache.Read(key, null, NarInfoReader.MaximumFileSize, token).ConfigureAwait(false)
                ?? (_records.TryGetValue(key, out var record) ? await _plans[record.PlanId].Removal.Read(record, NarInfoReader.MaximumFileSize, token).ConfigureAwait(false) : null);
            if (bytes is not null)
            {
                narInfos[hash] = TryParse(bytes, storeDirectory, $"{cache.Address}/{key}");
            }
        }).ConfigureAwait(false);
        return narInfos;
    }

    private static NarInfo? TryParse(byte[] bytes, StoreDirectory storeDirectory, string name)
    {
        try
        {
            return NarInfoReader.Parse(bytes, storeDirectory, name);
        }
        catch (NixStoreException)
        {
            return null;
        }
    }

    private void Take(string condition, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        foreach (var record in index.Records($"WHERE {condition} ORDER BY plan = $1, taken_at", cancellation, plans[0].Id, names))
        {
            _records[record.Key] = record;
        }
    }
}
