using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Querying;

/// <summary>Counts and sizes of a cache, as a whole or by groups. Each NAR counts once, however many narinfos name it: for the one with the least hash.</summary>
public static class CacheMeasurement
{
    /// <summary>Measures, without costs.</summary>
    /// <inheritdoc cref="Measure(CacheCatalog, BinaryCacheGrouping, MeasureOptions, CancellationToken)"/>
    public static IEnumerable<BinaryCacheMeasure> Measure(CacheCatalog catalog, BinaryCacheGrouping by, CancellationToken cancellation = default)
        => Measure(catalog, by, new MeasureOptions(), cancellation);

    /// <summary>Measures.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="by">Groups. Of reachability, a NAR of several narinfos counts in the group that is nearest to the roots.</param>
    /// <param name="options">What else is wanted.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// PriceMissing: the list has not all storage classes; of <see cref="RootReachability.Open"/>, when reachability is asked for; <see cref="DuckException"/>
    /// </exception>
    public static IEnumerable<BinaryCacheMeasure> Measure(CacheCatalog catalog, BinaryCacheGrouping by, MeasureOptions options, CancellationToken cancellation = default)
    {
        using var reachability = by == BinaryCacheGrouping.Reachability ? RootReachability.Open(catalog, options.Moment, options.GraphProgress, cancellation) : null;
        using var session = catalog.OpenSession();
        reachability?.Register(session);
        var costs = options.Prices is null ? null : new CostEstimate(new DuckCosts(session, SharedNars.QueryOf(catalog.Manifest), cancellation), catalog.Manifest, options.Prices, options.Moment);
        return [.. Measure(session, catalog, by, options.Prices, costs, cancellation)];
    }

    /// <summary>Measures in a session, row by row.</summary>
    internal static IEnumerable<BinaryCacheMeasure> Measure(DuckSession session, CacheCatalog catalog, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, CancellationToken cancellation)
        => by is BinaryCacheGrouping.StorageClass or BinaryCacheGrouping.Kind
            ? MeasureObjects(session, catalog, by, prices, costs, cancellation) : MeasureNarInfos(session, catalog, by, prices, costs, cancellation);

    private static IEnumerable<BinaryCacheMeasure> MeasureNarInfos(DuckSession session, CacheCatalog catalog, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, CancellationToken cancellation)
    {
        var group = by switch
        {
            BinaryCacheGrouping.Month => "strftime(n.last_modified_at, '%Y-%m')",
            BinaryCacheGrouping.PackageName => "package_name(n.pname)",
            BinaryCacheGrouping.System => "n.system",
            BinaryCacheGrouping.Compression => "n.compression",
            BinaryCacheGrouping.Reachability => "CASE WHEN depth(n.hash) < 0 THEN 'Unreachable' WHEN depth(n.hash) > 0 THEN 'Reachable' ELSE 'Root' END",
            _ => "'All'",
        };

        var costOf = costs?.OfNars(group, by == BinaryCacheGrouping.Reachability);
        var sql = SqlText.Of("measure-narinfos", ("group", group), ("shared", SharedOf(catalog, by)),
            ("order", by == BinaryCacheGrouping.Month ? "1 NULLS FIRST" : "file_size DESC NULLS LAST, 1 NULLS LAST"));
        using var rows = session.Query(sql, cancellation);
        foreach (var measure in ReadNarInfos(rows, catalog, by, prices, costs, costOf))
        {
            yield return measure;
        }
    }

    private static IEnumerable<BinaryCacheMeasure> MeasureObjects(DuckSession session, CacheCatalog catalog, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, CancellationToken cancellation)
    {
        var group = by == BinaryCacheGrouping.Kind ? "object_kind(o.key)" : "coalesce(o.storage_class, '')";
        var costOf = costs?.OfObjects(group);
        using var rows = session.Query(SqlText.Of("measure-objects", ("group", group), ("order", "size DESC NULLS LAST, 1")), cancellation);
        foreach (var measure in ReadObjects(rows, catalog, by, prices, costs, costOf))
        {
            yield return measure;
        }
    }

    private static string SharedOf(CacheCatalog catalog, BinaryCacheGrouping by)
    {
        var shared = SharedNars.QueryOf(catalog.Manifest);
        return by == BinaryCacheGrouping.Reachability ? SqlText.Of("shared-by-reachability", ("shared", shared)) : shared;
    }

    /// <summary>Rows of measure-narinfos.sql.</summary>
    internal static IEnumerable<BinaryCacheMeasure> ReadNarInfos(
        ICatalogRows rows, ICatalog catalog, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, Dictionary<ValueTuple<string?>, GroupCost>? costOf)
    {
        while (rows.Read())
        {
            var name = rows.TryGetText(0);
            var (paths, nars) = (rows.GetInt64(1), rows.GetInt64(2));
            var cost = costOf?.GetValueOrDefault(ValueTuple.Create(name), GroupCost.None);
            yield return new BinaryCacheMeasure
            {
                Catalog = catalog.Location,
                Cache = catalog.Manifest.Cache,
                GroupBy = by,
                Group = name ?? "",
                PathCount = paths,
                NarCount = nars,
                FileSize = rows.TryGetInt64(3) ?? 0,
                NarSize = rows.TryGetInt64(4) ?? 0,
                StorageCostPerMonth = Rounded(cost?.StoragePerMonth),
                EarlyDeletionCost = Rounded(cost?.EarlyDeletion),
                RequestCost = Rounded(costs?.Deleting(paths + nars)),
                ReadCost = Rounded(costs?.Reading(paths)),
                Currency = prices?.Currency,
                CostBasis = costs?.Basis,
            };
        }
    }

    /// <summary>Rows of measure-objects.sql.</summary>
    internal static IEnumerable<BinaryCacheMeasure> ReadObjects(
        ICatalogRows rows, ICatalog catalog, BinaryCacheGrouping by, PriceList? prices, CostEstimate? costs, Dictionary<ValueTuple<string?>, GroupCost>? costOf)
    {
        while (rows.Read())
        {
            var name = rows.GetText(0);
            var cost = costOf?.GetValueOrDefault(ValueTuple.Create<string?>(name), GroupCost.None);
            yield return new BinaryCacheMeasure
            {
                Catalog = catalog.Location,
                Cache = catalog.Manifest.Cache,
                GroupBy = by,
                Group = name,
                ObjectCount = rows.GetInt64(1),
                ObjectSize = rows.TryGetInt64(2) ?? 0,
                StorageCostPerMonth = Rounded(cost?.StoragePerMonth),
                EarlyDeletionCost = Rounded(cost?.EarlyDeletion),
                RequestCost = Rounded(cost is null ? null : costs!.Deleting(cost.Objects)),
                ReadCost = Rounded(cost?.Reading),
                Currency = prices?.Currency,
                CostBasis = costs?.Basis,
            };
        }
    }

    // A millionth: what is less is an artefact of shares.
    private static decimal? Rounded(decimal? cost) => cost is { } value ? decimal.Round(value, 6) : null;
}
