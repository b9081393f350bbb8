using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Hydra;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>The trash of a binary cache: what plans have pruned and can come back. All of it is told by the cache itself.</summary>
public sealed class CacheTrash : IDisposable
{
    private readonly TrashPlace _place;
    private readonly ObjectAccess _access;
    private readonly string? _trashUrl;

    private CacheTrash(TrashPlace place, string? trashUrl, ObjectAccess access)
    {
        _place = place;
        _trashUrl = trashUrl;
        _access = access;
    }

    /// <summary>Address of the cache.</summary>
    public string Cache => _place.Cache.Address;

    /// <summary>Opens it.</summary>
    /// <param name="cache">Address of the cache.</param>
    /// <param name="trashUrl">Where its trash is; null = in the cache.</param>
    /// <param name="access">How the server is asked; null = the defaults.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">BinaryCacheReadOnly, TrashElsewhere; errors of the cache.</exception>
    public static CacheTrash Open(string cache, string? trashUrl = null, ObjectAccess? access = null, CancellationToken cancellation = default)
        => new(TrashPlace.Open(cache, trashUrl, access, cancellation), trashUrl, access ?? new ObjectAccess());

    /// <summary>The plans that have something here, the oldest first.</summary>
    /// <exception cref="NixStoreException">Errors of reading.</exception>
    public IEnumerable<string> PlanIds(CancellationToken cancellation = default) => TrashFolder.Find(_place.Trash, _place.Prefix, cancellation);

    /// <summary>What a plan has here.</summary>
    /// <exception cref="NixStoreException">TrashPlanNotFound, TrashDamaged, InvalidPlanId; errors of reading.</exception>
    public async Task<BinaryCacheTrash> Summarize(string planId, CancellationToken cancellation = default)
    {
        var (folder, about) = await Find(planId, cancellation).ConfigureAwait(false);
        using var index = await TrashIndex.Open([folder], cancellation).ConfigureAwait(false);
        using var rows = index.Session.Query(SqlText.Of("Pruning/Trash/plans"), cancellation);
        var isThere = rows.Read();
        return new BinaryCacheTrash
        {
            BinaryCache = Cache,
            TrashUrl = _trashUrl,
            PlanId = planId,
            Method = about.Method.ToString(),
            BegunTime = about.BegunAt,
            SettledTime = about.SettledAt,
            PathCount = isThere ? rows.GetInt64(1) : 0,
            ObjectCount = isThere ? rows.GetInt64(2) : 0,
            Size = isThere ? rows.GetInt64(3) : 0,
            OldestTime = isThere ? rows.GetTime(4) : null,
            NewestTime = isThere ? rows.GetTime(5) : null,
            RestorableUntil = isThere && about.NoncurrentDays is { } days ? rows.GetTime(4).AddDays(days) : null,
        };
    }

    /// <summary>When the first object went of all that is here; null when there is nothing.</summary>
    /// <exception cref="NixStoreException">TrashDamaged; errors of reading.</exception>
    public async Task<DateTimeOffset?> FindOldestTime(CancellationToken cancellation = default)
    {
        using var index = await TrashIndex.Open(PlanIds(cancellation).Select(_place.FolderOf), cancellation).ConfigureAwait(false);
        using var rows = index.Session.Query("SELECT taken_at FROM trash ORDER BY taken_at LIMIT 1", cancellation);
        return rows.Read() ? rows.GetTime(0) : null;
    }

    /// <summary>Paths of a plan in the trash, in the order of their hashes.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="names">Wildcards for the name behind the hash; none = all.</param>
    /// <param name="hashParts">Hash parts; none = all.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">As of <see cref="Summarize"/>.</exception>
    public IEnumerable<BinaryCacheTrashItem> Paths(string planId, IReadOnlyList<string> names, IReadOnlyList<string> hashParts, CancellationToken cancellation = default)
    {
        var (folder, about) = Find(planId, cancellation).GetAwaiter().GetResult();
        using var index = TrashIndex.Open([folder], cancellation).GetAwaiter().GetResult();
        var parameters = new List<object?>();
        var filter = names.Count == 0 ? "true" : $"({string.Join(" OR ", names.Select(name => SqlWildcard.Match("n.name", name, parameters)))})";
        if (hashParts.Count > 0)
        {
            filter += $" AND n.hash IN (SELECT unnest(CAST({SqlWildcard.Parameter(parameters, hashParts)} AS VARCHAR[])))";
        }

        using var rows = index.Session.Query(SqlText.Of("Pruning/Trash/paths", ("filter", filter)), cancellation, [.. parameters]);
        while (rows.Read())
        {
            yield return ItemOf(rows, about);
        }
    }

    /// <summary>Of what was asked for in vain, the paths that a plan has here.</summary>
    /// <param name="planId">The plan; null = any.</param>
    /// <param name="missed">Hash parts, and keys of NARs, as of <see cref="AccessLogMisses"/>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Hash parts.</returns>
    /// <exception cref="NixStoreException">As of <see cref="Summarize"/>.</exception>
    public List<string> FindAsked(string? planId, IReadOnlyList<string> missed, CancellationToken cancellation = default)
    {
        using var index = TrashIndex.Open(planId is null ? PlanIds(cancellation).Select(_place.FolderOf) : [_place.FolderOf(planId)], cancellation).GetAwaiter().GetResult();
        return [.. index.Records("WHERE kind = 'NarInfo' AND (hash IN (SELECT unnest(CAST($1 AS VARCHAR[]))) OR url IN (SELECT unnest(CAST($1 AS VARCHAR[]))))", cancellation, missed)
            .Select(record => record.Hash!).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Brings paths of a plan back, or all of it, with all that they lead to, also from other plans.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="hashParts">Which; null = all.</param>
    /// <param name="hydra">Where the rows of what comes back are put back, too; null = nowhere.</param>
    /// <param name="progress">Counts objects.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="NixStoreException">As of <see cref="Summarize"/>; errors of writing and of the database.</exception>
    public async Task<BinaryCacheTrashResult> Restore(
        string planId, IReadOnlyCollection<string>? hashParts, HydraDatabase? hydra, PruneProgress progress, CancellationToken cancellation = default)
    {
        var (_, about) = await Find(planId, cancellation).ConfigureAwait(false);
        var plans = await PlansFrom(planId, cancellation).ConfigureAwait(false);
        var paths = new List<string>();
        using var index = await TrashIndex.Open(plans.Select(plan => plan.Folder), cancellation).ConfigureAwait(false);
        var restore = new TrashRestore(_place.Cache, plans, index, _access.ThrottleLimit);
        var storeDirectory = new StoreDirectory(about.StoreDirectory);
        var done = await (hashParts is null ? restore.All(storeDirectory, Told, cancellation) : restore.WithClosure(hashParts, storeDirectory, Told, cancellation)).ConfigureAwait(false);
        return new BinaryCacheTrashResult
        {
            BinaryCache = Cache,
            PlanId = planId,
            Action = "Restored",
            ObjectCount = done.Restored,
            Size = done.Bytes,
            AlreadyThereCount = done.AlreadyThere,
            LostCount = done.Lost,
            Lost = [.. restore.Lost.Order(StringComparer.Ordinal)],
            HydraRowCount = hydra is null ? 0 : await RestoreRows(plans, hydra, hashParts is null ? planId : null, paths, cancellation).ConfigureAwait(false),
        };

        void Told(TrashRecord record, PutBackKind kind)
        {
            progress.Add(1, kind == PutBackKind.Restored ? record.Size : 0);
            if (record.Kind == BinaryCacheObjectKind.NarInfo && kind != PutBackKind.Lost)
            {
                paths.Add($"{about.StoreDirectory}/{record.Hash}-{record.Name}");
            }
        }
    }

    /// <summary>Deletes for good what a plan has put here before a moment.</summary>
    /// <param name="planId">The plan.</param>
    /// <param name="before">Only what went before this; null = all.</param>
    /// <param name="asked">Hash parts of paths that were asked for since: they stay, with all that they lead to.</param>
    /// <param name="evenUnsettled">Also when the plan is not through, so that what is uploaded meanwhile may need it.</param>
    /// <param name="progress">Counts objects.</param>
    /// <param name="hashParts">Only these paths, with what belongs to no other one; null = all.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="NixStoreException">PlanNotSettled; as of <see cref="Summarize"/>; errors of writing.</exception>
    public async Task<BinaryCacheTrashResult> Clear(
        string planId, DateTimeOffset? before, IReadOnlyCollection<string> asked, bool evenUnsettled, PruneProgress progress, IReadOnlyCollection<string>? hashParts = null,
        CancellationToken cancellation = default)
    {
        var (folder, about) = await Find(planId, cancellation).ConfigureAwait(false);
        if (about.SettledAt is null && !evenUnsettled)
        {
            throw new NixStoreException("PlanNotSettled", StoreErrorKind.Busy,
                $"The plan {planId} is not through: what is uploaded meanwhile may need what it has in the trash.", planId, "Run Invoke-BinaryCachePrune until it is finished, or give -Force.");
        }

        var plans = await PlansFrom(planId, cancellation).ConfigureAwait(false);
        var records = await ToClear(plans, new StoreDirectory(about.StoreDirectory), before, asked, hashParts, cancellation).ConfigureAwait(false);
        var (count, bytes) = await new TrashCleaning(plans[0]).Run(records, progress, cancellation).ConfigureAwait(false);
        if (about.Method == TrashMethod.Tag && before is null && hashParts is null)
        {
            await new S3Tags((S3Objects)_place.Cache, planId).RemoveRule(cancellation).ConfigureAwait(false);
        }

        using (var index = await TrashIndex.Open([folder], cancellation).ConfigureAwait(false))
        {
            if (about.SettledAt is not null && index.Session.QueryNumber("SELECT count(*) FROM trash", cancellation) == 0)
            {
                await folder.Remove(cancellation).ConfigureAwait(false);
            }
        }

        return new BinaryCacheTrashResult { BinaryCache = Cache, PlanId = planId, Action = "Cleared", ObjectCount = count, Size = bytes };
    }

    /// <inheritdoc/>
    public void Dispose() => _place.Dispose();

    /// <summary>The plans of the trash, one of them first.</summary>
    private async Task<List<TrashPlan>> PlansFrom(string planId, CancellationToken cancellation)
    {
        var plans = new List<TrashPlan>();
        foreach (var id in PlanIds(cancellation).Where(id => id != planId).Prepend(planId).ToList())
        {
            // One that is just being begun with has nothing yet.
            var folder = _place.FolderOf(id);
            if (await folder.ReadAbout(cancellation).ConfigureAwait(false) is { } about)
            {
                plans.Add(new TrashPlan(folder, Removals.Open(about.Method, _place.Cache, folder, DateTimeOffset.MaxValue, TimeProvider.System)));
            }
        }

        return plans;
    }

    private async Task<List<TrashRecord>> ToClear(
        List<TrashPlan> plans, StoreDirectory storeDirectory, DateTimeOffset? before, IReadOnlyCollection<string> asked, IReadOnlyCollection<string>? hashParts, CancellationToken cancellation)
    {
        using var index = await TrashIndex.Open(plans.Select(plan => plan.Folder), cancellation).ConfigureAwait(false);
        var spared = new TrashClosure(_place.Cache, plans, index, _access.ThrottleLimit);
        await spared.Follow(asked, storeDirectory, cancellation).ConfigureAwait(false);
        var chosen = hashParts is null ? null : index.Keys(SqlText.Of("Pruning/Trash/of-paths"), cancellation, plans[0].Id, hashParts.ToList());
        return [.. index.Records("WHERE plan = ?", cancellation, plans[0].Id)
            .Where(record => (before is not { } moment || record.At < moment) && !spared.Records.ContainsKey(record.Key) && chosen?.Contains(record.Key) != false)];
    }

    /// <summary>Puts rows of Hydra's database back: all of a plan, and of the others those of the paths that are back.</summary>
    private static async Task<long> RestoreRows(List<TrashPlan> plans, HydraDatabase hydra, string? whole, List<string> paths, CancellationToken cancellation)
    {
        var rows = 0L;
        foreach (var plan in plans)
        {
            rows += await new HydraUndo(plan.Folder, hydra).Run(plan.Id == whole ? null : paths, cancellation).ConfigureAwait(false);
        }

        return rows;
    }

    private async Task<(TrashFolder Folder, TrashAbout About)> Find(string planId, CancellationToken cancellation)
    {
        var folder = _place.FolderOf(planId);
        return (folder, await folder.ReadAbout(cancellation).ConfigureAwait(false) ?? throw new NixStoreException("TrashPlanNotFound", StoreErrorKind.NotFound,
            $"The trash of '{Cache}' has nothing of a plan {planId}.", planId, "Get-BinaryCacheTrash -Summary says of which plans it has something."));
    }

    private BinaryCacheTrashItem ItemOf(DuckRows rows, TrashAbout about) => new()
    {
        BinaryCache = Cache,
        TrashUrl = _trashUrl,
        PlanId = rows.GetText(0),
        HashPart = rows.GetText(1),
        Name = rows.TryGetText(2) ?? "",
        Path = $"{about.StoreDirectory}/{rows.GetText(1)}-{rows.TryGetText(2)}",
        TrashedTime = rows.GetTime(3),
        ObjectCount = rows.GetInt64(4),
        Size = rows.GetInt64(5),
        IsNarTrashed = rows.GetBoolean(6),
    };
}
