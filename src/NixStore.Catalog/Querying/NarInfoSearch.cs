using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Orphans;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Querying;

/// <summary>Finds narinfos of a catalog.</summary>
public static class NarInfoSearch
{
    /// <summary>Gives them as the engine finds them.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty: orphans are asked for, and nothing is known of Hydra.</exception>
    /// <exception cref="DuckException">CatalogQueryInvalid: the condition in SQL is wrong.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static IEnumerable<BinaryCacheCatalogPath> Find(CacheCatalog catalog, NarInfoFilter filter, CancellationToken cancellation = default)
    {
        if (filter.IsOrphan)
        {
            OrphanSearch.Check(catalog, BinaryCacheOrphanKind.UnknownToHydra);
        }

        return Search(catalog, filter, cancellation);
    }

    private static IEnumerable<BinaryCacheCatalogPath> Search(CacheCatalog catalog, NarInfoFilter filter, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession();
        (filter.Reachability as RootReachability)?.Register(session);

        // All of Hydra's hashes at once would take much memory, and the first paths would come late.
        foreach (var range in HashRange.For(filter.IsOrphan ? Math.Max(catalog.Manifest[CatalogTable.Hydra].Rows, catalog.Manifest[CatalogTable.NarInfos].Rows) : 0))
        {
            var parameters = new List<object?>();
            var sql = SqlText.Of("find", ("condition", filter.ToCondition(new DuckDialect(parameters), range)), ("depth", filter.Reachability is null ? "NULL::INTEGER" : "depth(hash)"));
            using var rows = session.Query(sql, cancellation, [.. parameters]);
            while (rows.Read())
            {
                yield return Read(rows, catalog);
            }
        }
    }

    /// <summary>A row of find.sql.</summary>
    internal static BinaryCacheCatalogPath Read(ICatalogRows rows, ICatalog catalog) => new()
    {
        Catalog = catalog.Location,
        Cache = catalog.Manifest.Cache,
        StoreDirectory = catalog.Manifest.StoreDirectory,
        HashPart = rows.GetText(0),
        Name = rows.GetText(1),
        Url = rows.GetText(2),
        Compression = rows.TryGetText(3) ?? "",
        FileHash = rows.TryGetText(4),
        FileSize = rows.TryGetInt64(5),
        NarHash = rows.GetText(6),
        NarSize = rows.GetInt64(7),
        References = rows.GetTexts(8),
        Deriver = rows.TryGetText(9),
        System = rows.TryGetText(10),
        ContentAddress = rows.TryGetText(11),
        Signatures = rows.GetTexts(12),
        LastModified = rows.TryGetTime(13),
        Depth = rows.TryGetInt64(14) is >= 0 and var depth ? (int)depth : null,
    };
}
