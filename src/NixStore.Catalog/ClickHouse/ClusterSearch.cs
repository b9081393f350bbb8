using NixStore.Catalog.Orphans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Finds narinfos of a catalog on a cluster.</summary>
internal static class ClusterSearch
{
    // An answer is held back until it is whole: in large catalogs the first paths would come late.
    private const long RowsAtOnce = 1_000_000;

    // Old servers refuse a statement of 16 MiB that another one hands on to them.
    private const int HashesAtOnce = 100_000;

    /// <inheritdoc cref="ICatalog.Find"/>
    internal static IEnumerable<BinaryCacheCatalogPath> Find(ClusterCatalog catalog, NarInfoFilter filter, CancellationToken cancellation)
    {
        if (filter.IsOrphan)
        {
            OrphanSearch.Check(catalog, BinaryCacheOrphanKind.UnknownToHydra);
        }

        return Search(catalog, filter, cancellation);
    }

    private static IEnumerable<BinaryCacheCatalogPath> Search(ClusterCatalog catalog, NarInfoFilter filter, CancellationToken cancellation)
    {
        var reached = filter.Reachability as ClusterReachability;
        using var own = reached is null ? catalog.OpenSession(cancellation) : null;
        var session = own ?? reached!.Session;
        var filters = filter.HashParts.Count <= HashesAtOnce ? [filter]
            : filter.HashParts.Distinct(StringComparer.Ordinal).Chunk(HashesAtOnce).Select(some => filter with { HashParts = some }).ToList();
        foreach (var (range, some) in HashRange.For(catalog.Manifest[CatalogTable.NarInfos].Rows, RowsAtOnce).SelectMany(range => filters.Select(some => (range, some))))
        {
            var hashes = range.Condition("hash");
            var sql = session.Sql("find", ("condition", some.ToCondition(ClusterDialect.Instance, range)), ("range", hashes),
                ("depth", reached is null ? "CAST(NULL AS Nullable(Int32))" : "depth(hash)"), ("join", reached is null ? "" : session.Sql("steps", ("range", hashes))));
            using var rows = session.Query(sql, cancellation);
            while (rows.Read())
            {
                yield return NarInfoSearch.Read(rows, catalog);
            }
        }

        session.Verify(cancellation);
    }
}
