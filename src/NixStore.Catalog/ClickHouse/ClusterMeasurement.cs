using NixStore.Catalog.Prices;
using NixStore.Catalog.Querying;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Counts and sizes of a cache whose catalog is on a cluster.</summary>
internal static class ClusterMeasurement
{
    /// <inheritdoc cref="Storage.ICatalog.Measure"/>
    internal static IEnumerable<BinaryCacheMeasure> Measure(ClusterCatalog catalog, BinaryCacheGrouping by, MeasureOptions options, CancellationToken cancellation)
    {
        using var reached = by == BinaryCacheGrouping.Reachability ? ClusterReachability.Open(catalog, options.Moment, cancellation) : null;
        using var own = reached is null ? catalog.OpenSession(cancellation) : null;
        var session = own ?? reached!.Session;
        var source = new ClusterCosts(session, reached is not null, cancellation);
        var costs = options.Prices is null ? null : new CostEstimate(source, catalog.Manifest, options.Prices, options.Moment);
        var result = by is BinaryCacheGrouping.StorageClass or BinaryCacheGrouping.Kind ? MeasureObjects(catalog, session, by, options.Prices, costs, cancellation)
            : MeasureNarInfos(catalog, session, source, by, options.Prices, costs, cancellation);
        session.Verify(cancellation);
        return result;
    }

    private static IReadOnlyList<BinaryCacheMeasure> MeasureNarInfos(
        ClusterCatalog catalog, ClusterSession session, ClusterCosts source, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, CancellationToken cancellation)
    {
        var group = by switch
        {
            BinaryCacheGrouping.Month => "month_of(last_modified_at)",
            BinaryCacheGrouping.PackageName => "package_name(pname)",
            BinaryCacheGrouping.System => "system",
            BinaryCacheGrouping.Compression => "compression",
            BinaryCacheGrouping.Reachability => "multiIf(depth(hash) < 0, 'Unreachable', depth(hash) > 0, 'Reachable', 'Root')",
            _ => "'All'",
        };
        var costOf = costs?.OfNars(group, by == BinaryCacheGrouping.Reachability);
        using var rows = session.Query(session.Sql("measure-narinfos", ("group", group), ("join", source.Join),
            ("order", by == BinaryCacheGrouping.Month ? "group_name NULLS FIRST" : "file_sizes DESC NULLS LAST, group_name NULLS LAST")), cancellation);
        return [.. CacheMeasurement.ReadNarInfos(rows, catalog, by, prices, costs, costOf)];
    }

    private static IReadOnlyList<BinaryCacheMeasure> MeasureObjects(
        ClusterCatalog catalog, ClusterSession session, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, CancellationToken cancellation)
    {
        var group = by == BinaryCacheGrouping.Kind ? "object_kind(key)" : "ifNull(storage_class, '')";
        var costOf = costs?.OfObjects(group);
        using var rows = session.Query(session.Sql("measure-objects", ("group", group)), cancellation);
        return [.. CacheMeasurement.ReadObjects(rows, catalog, by, prices, costs, costOf)];
    }
}
