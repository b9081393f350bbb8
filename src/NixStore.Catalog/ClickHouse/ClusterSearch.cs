using NixStore.Catalog.Orphans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Finds narinfos of a catalog on a cluster.</summary>
internal static class ClusterSearch
{
    // An answer is held back until it is whole: in large catalogs the first paths would come late.
    private const long RowsAtOnce = 1_000_000;

    // More than so many are no text that a server likes to read, and are sent to the shards as a table.
    private const int LongestList = 10_000;

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
        var asked = "true";
        if (filter.HashParts.Count > LongestList)
        {
            session.MakeTable("asked", "hash String", "hash", "hash", cancellation);
            session.Insert("asked", "hash", filter.HashParts, cancellation);
            (asked, filter) = (session.Expand("hash IN (SELECT hash FROM {asked_shard})"), filter with { HashParts = [] });
        }

        foreach (var range in HashRange.For(catalog.Manifest[CatalogTable.NarInfos].Rows, RowsAtOnce))
        {
            var hashes = range.Condition("hash");
            var sql = session.Sql("find", ("condition", $"{asked} AND {filter.ToCondition(ClusterDialect.Instance, range)}"), ("range", hashes),
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
