using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Roots;

/// <summary>Finds roots of a catalog.</summary>
public static class RootSearch
{
    /// <summary>Gives them in the order of their origins and hashes.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="filter">Which.</param>
    /// <param name="now">The moment that says what has expired.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public static IEnumerable<BinaryCacheRoot> Find(CacheCatalog catalog, RootFilter filter, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var parameters = new List<object?>();
        using var session = catalog.OpenSession();
        using var rows = session.Query(SqlText.Of("Roots/list", ("condition", filter.ToCondition(parameters, RootSet.Literal(now)))), cancellation, [.. parameters]);
        while (rows.Read())
        {
            yield return Read(rows, catalog, now);
        }
    }

    /// <summary>Counts them by origin.</summary>
    /// <inheritdoc cref="Find"/>
    public static IEnumerable<BinaryCacheRootSummary> Summarize(CacheCatalog catalog, RootFilter filter, DateTimeOffset now, CancellationToken cancellation = default)
    {
        var parameters = new List<object?>();
        var sql = SqlText.Of("Roots/summary", ("condition", filter.ToCondition(parameters, RootSet.Literal(now))), ("now", RootSet.Literal(now)));
        using var session = catalog.OpenSession();
        using var rows = session.Query(sql, cancellation, [.. parameters]);
        while (rows.Read())
        {
            yield return new BinaryCacheRootSummary
            {
                Catalog = catalog.Directory,
                Kind = KindOf(rows.GetText(0)),
                Origin = rows.GetText(1),
                Count = rows.GetInt64(2),
                InCacheCount = rows.GetInt64(3),
                ExpiredCount = rows.GetInt64(4),
                AddedAt = rows.GetTime(5),
                ExpiresAt = rows.TryGetTime(6),
            };
        }
    }

    /// <summary>The origins, and how many rows each has.</summary>
    /// <exception cref="DuckException"/>
    public static IEnumerable<(string Origin, long Count)> Origins(CacheCatalog catalog)
    {
        using var session = catalog.OpenSession();
        using var rows = session.Query(SqlText.Of("Roots/origins"));
        while (rows.Read())
        {
            yield return (rows.GetText(0), rows.GetInt64(1));
        }
    }

    private static BinaryCacheRoot Read(DuckRows rows, CacheCatalog catalog, DateTimeOffset now)
    {
        var (hash, expires) = (rows.TryGetText(2), rows.TryGetTime(6));
        return new BinaryCacheRoot
        {
            Catalog = catalog.Directory,
            StoreDirectory = catalog.Manifest.StoreDirectory,
            Kind = KindOf(rows.GetText(0)),
            Origin = rows.GetText(1),
            HashPart = hash,
            Name = rows.TryGetText(3),
            MaximumAge = rows.TryGetInt64(4) is { } age ? TimeSpan.FromSeconds(age) : null,
            AddedAt = rows.GetTime(5),
            ExpiresAt = expires,
            IsExpired = expires <= now,
            IsInCache = hash is null ? null : rows.GetBoolean(7),
        };
    }

    private static BinaryCacheRootKind KindOf(string text) => Enum.TryParse<BinaryCacheRootKind>(text, out var kind) ? kind : throw new NixStoreException(
        "CatalogTooNew", StoreErrorKind.NotSupported, $"The catalog has roots of the kind '{RootErrors.Show(text)}', which this version does not know.", text, "Use the version of NixStore that has added them, or a newer one.");
}
