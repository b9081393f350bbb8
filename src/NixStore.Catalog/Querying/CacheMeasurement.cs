using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Querying;

/// <summary>Counts and sizes of a cache, as a whole or by groups. Each NAR counts once, however many narinfos name it: for the one with the least hash.</summary>
public static class CacheMeasurement
{
    /// <summary>Measures.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="by">Groups.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DuckException"/>
    /// <exception cref="NixStoreException">Of <see cref="RootReachability.Open"/>, when reachability is asked for.</exception>
    public static IEnumerable<BinaryCacheMeasure> Measure(CacheCatalog catalog, BinaryCacheGrouping by, CancellationToken cancellation = default)
        => Measure(catalog, by, null, cancellation);

    /// <summary>Measures.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="by">Groups. Of reachability, a NAR of several narinfos counts in the group that is nearest to the roots.</param>
    /// <param name="progress">Gets the narinfos read when a graph has to be built, of twice as many in all; null = nobody wants to know.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DuckException"/>
    /// <exception cref="NixStoreException">Of <see cref="RootReachability.Open"/>, when reachability is asked for.</exception>
    public static IEnumerable<BinaryCacheMeasure> Measure(CacheCatalog catalog, BinaryCacheGrouping by, Action<long>? progress, CancellationToken cancellation)
    {
        using var reachability = by == BinaryCacheGrouping.Reachability ? RootReachability.Open(catalog, DateTimeOffset.UtcNow, progress, cancellation) : null;
        using var session = catalog.OpenSession();
        reachability?.Register(session);
        return [.. by is BinaryCacheGrouping.StorageClass or BinaryCacheGrouping.Kind
            ? MeasureObjects(session, catalog, by, cancellation) : MeasureNarInfos(session, catalog, by, cancellation)];
    }

    private static IEnumerable<BinaryCacheMeasure> MeasureNarInfos(DuckSession session, CacheCatalog catalog, BinaryCacheGrouping by, CancellationToken cancellation)
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

        // Known beforehand where the last writer came to its end; else it is found out now.
        var shared = SharedNars.IsKnown(catalog.Manifest) ? "FROM shared" : SqlText.Of("shared");
        if (by == BinaryCacheGrouping.Reachability)
        {
            shared = SqlText.Of("shared-by-reachability", ("shared", shared));
        }

        var sql = SqlText.Of("measure-narinfos", ("group", group), ("shared", shared),
            ("order", by == BinaryCacheGrouping.Month ? "1 NULLS FIRST" : "file_size DESC NULLS LAST, 1 NULLS LAST"));
        using var rows = session.Query(sql, cancellation);
        while (rows.Read())
        {
            yield return new BinaryCacheMeasure
            {
                Catalog = catalog.Directory,
                Cache = catalog.Manifest.Cache,
                GroupBy = by,
                Group = rows.TryGetText(0) ?? "",
                PathCount = rows.GetInt64(1),
                NarCount = rows.GetInt64(2),
                FileSize = rows.TryGetInt64(3) ?? 0,
                NarSize = rows.TryGetInt64(4) ?? 0,
            };
        }
    }

    private static IEnumerable<BinaryCacheMeasure> MeasureObjects(DuckSession session, CacheCatalog catalog, BinaryCacheGrouping by, CancellationToken cancellation)
    {
        var group = by == BinaryCacheGrouping.Kind ? "object_kind(o.key)" : "coalesce(o.storage_class, '')";
        using var rows = session.Query(SqlText.Of("measure-objects", ("group", group), ("order", "size DESC NULLS LAST, 1")), cancellation);
        while (rows.Read())
        {
            yield return new BinaryCacheMeasure
            {
                Catalog = catalog.Directory,
                Cache = catalog.Manifest.Cache,
                GroupBy = by,
                Group = rows.GetText(0),
                ObjectCount = rows.GetInt64(1),
                ObjectSize = rows.TryGetInt64(2) ?? 0,
            };
        }
    }
}
