using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>What differs between plans, and between a plan and a catalog that has become newer.</summary>
public static class PrunePlanComparison
{
    /// <summary>Compares two plans, by their paths.</summary>
    /// <param name="reference">The earlier one.</param>
    /// <param name="difference">The later one.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public static IEnumerable<BinaryCachePrunePlanDifference> Compare(PrunePlan reference, PrunePlan difference, CancellationToken cancellation = default)
    {
        using var session = difference.OpenSession();
        reference.CreateView(session, PrunePlanTable.NarInfos, "reference_narinfos");
        using var rows = session.Query(SqlText.Of("Pruning/Comparing/plans"), cancellation);
        while (rows.Read())
        {
            yield return Read(rows, difference);
        }
    }

    /// <summary>Compares a plan with what a newer catalog says of its paths.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="catalog">The catalog.</param>
    /// <param name="moment">The moment that says which roots there are.</param>
    /// <param name="progress">Gets the narinfos read when a graph has to be built; null = nobody wants to know.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">Those of <see cref="RootReachability.Open"/>, unless the plan keeps no roots; <see cref="DuckException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    public static IEnumerable<BinaryCachePrunePlanDifference> Compare(
        PrunePlan plan, CacheCatalog catalog, DateTimeOffset moment, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        using var roots = plan.Summary.Policy.KeepRoots || plan.Summary.Policy.Unreachable ? RootReachability.Open(catalog, moment, progress, cancellation) : null;
        using var session = catalog.OpenSession();
        plan.CreateViews(session);
        roots?.Register(session);
        using var rows = session.Query(SqlText.Of("Pruning/Comparing/catalog", ("rooted", roots is null ? "false" : "depth(p.hash) >= 0")), cancellation);
        while (rows.Read())
        {
            yield return Read(rows, plan);
        }
    }

    private static BinaryCachePrunePlanDifference Read(DuckRows rows, PrunePlan plan) => new()
    {
        Plan = plan.Directory,
        Kind = Enum.Parse<PrunePlanDifferenceKind>(rows.GetText(0)),
        HashPart = rows.GetText(1),
        Path = $"{plan.Summary.StoreDirectory}/{rows.GetText(1)}-{rows.GetText(2)}",
        Class = rows.TryGetText(3),
        FileSize = rows.TryGetInt64(4),
        By = rows.TryGetText(5) is { } name ? $"{plan.Summary.StoreDirectory}/{name}" : null,
    };
}
