using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Querying;

/// <summary>Finds narinfos of a catalog.</summary>
public static class NarInfoSearch
{
    /// <summary>Gives them as the engine finds them.</summary>
    /// <exception cref="DuckException">CatalogQueryInvalid: the condition in SQL is wrong.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static IEnumerable<BinaryCacheCatalogPath> Find(CacheCatalog catalog, NarInfoFilter filter, CancellationToken cancellation = default)
    {
        var parameters = new List<object?>();
        var sql = SqlText.Of("find", ("condition", filter.ToCondition(parameters)));
        using var session = catalog.OpenSession();
        using var rows = session.Query(sql, cancellation, [.. parameters]);
        var directory = catalog.Manifest.StoreDirectory;
        while (rows.Read())
        {
            yield return new BinaryCacheCatalogPath
            {
                Catalog = catalog.Directory,
                Cache = catalog.Manifest.Cache,
                StoreDirectory = directory,
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
            };
        }
    }
}
