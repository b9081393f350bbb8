using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Rows of a plan as objects. What they name is checked, for plans come from anywhere.</summary>
public static class PrunePlanRows
{
    private const string ObjectColumns = "key, kind, size, e_tag, last_modified_date, storage_class, hash, wave";
    private const string NarInfoColumns = "hash, pname, class, url, nar_hash, nar_size, file_size, last_modified_at, deriver, fixed_output";

    /// <summary>The objects of a wave, in the order of their keys.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="wave">1, or 2 for NARs.</param>
    /// <param name="skip">So many are passed over.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">PrunePlanDamaged: a key that there cannot be; <see cref="DuckException"/></exception>
    public static IEnumerable<PlannedObject> ReadObjects(this PrunePlan plan, int wave, long skip = 0, CancellationToken cancellation = default)
        => plan.ReadObjects($"WHERE wave = {wave} ORDER BY key OFFSET {skip}", cancellation);

    /// <summary>Objects that a condition holds for.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rest">SQL behind <c>FROM plan_objects</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="parameters">Of the SQL.</param>
    /// <exception cref="NixStoreException">As of the other one.</exception>
    public static IEnumerable<PlannedObject> ReadObjects(this PrunePlan plan, string rest, CancellationToken cancellation, params object?[] parameters)
    {
        using var session = plan.OpenSession();
        using var rows = session.Query($"SELECT {ObjectColumns} FROM plan_objects {rest}", cancellation, parameters);
        while (rows.Read())
        {
            yield return ObjectOf(plan, rows);
        }
    }

    /// <summary>Paths that a condition holds for.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rest">SQL behind <c>FROM plan_narinfos</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="parameters">Of the SQL.</param>
    /// <exception cref="NixStoreException">PrunePlanDamaged: a path that there cannot be; <see cref="DuckException"/></exception>
    public static IEnumerable<PlannedNarInfo> ReadNarInfos(this PrunePlan plan, string rest = "ORDER BY hash", CancellationToken cancellation = default, params object?[] parameters)
    {
        using var session = plan.OpenSession();
        using var rows = session.Query($"SELECT {NarInfoColumns} FROM plan_narinfos {rest}", cancellation, parameters);
        while (rows.Read())
        {
            yield return NarInfoOf(plan, rows);
        }
    }

    private static PlannedObject ObjectOf(PrunePlan plan, DuckRows rows)
    {
        var (key, kind) = (rows.TryGetText(0) ?? "", rows.TryGetText(1) ?? "");
        if (!Enum.TryParse<BinaryCacheObjectKind>(kind, out var parsed) || parsed.ToString() != kind || !PlanKey.IsValid(key, parsed)
            || rows.TryGetInt64(7) != PlannedObject.WaveOf(parsed))
        {
            throw PlanErrors.Damaged(plan.Directory, $"it names the object '{key}' as a {kind}, which it cannot be");
        }

        return new PlannedObject(key, parsed, rows.TryGetInt64(2), rows.TryGetText(3), rows.TryGetTime(4), rows.TryGetText(5), rows.TryGetText(6));
    }

    private static PlannedNarInfo NarInfoOf(PrunePlan plan, DuckRows rows)
    {
        var (hash, name, url) = (rows.TryGetText(0) ?? "", rows.TryGetText(1) ?? "", rows.TryGetText(3) ?? "");
        return PlanKey.IsValid(hash + ".narinfo", BinaryCacheObjectKind.NarInfo) && ObjectKeys.Objection(url) is null && !name.Contains('/', StringComparison.Ordinal)
            ? new PlannedNarInfo(hash, name, rows.TryGetText(2), url, rows.TryGetText(4) ?? "", rows.TryGetInt64(5) ?? 0, rows.TryGetInt64(6), rows.TryGetTime(7), rows.TryGetText(8), rows.TryGetInt64(9) == 1)
            : throw PlanErrors.Damaged(plan.Directory, $"it names the path '{hash}-{name}' with the NAR '{url}', which cannot be");
    }
}
