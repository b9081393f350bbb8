using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Roots;

/// <summary>
/// What the roots of a catalog are at some moment: those that have not expired, and what the rules say then. The one place where roots become hashes.
/// </summary>
public sealed class RootSet
{
    private readonly CacheCatalog _catalog;
    private readonly DateTimeOffset _now;
    private readonly TimeSpan? _maximumAge;

    private RootSet(CacheCatalog catalog, DateTimeOffset now, long count, TimeSpan? maximumAge)
    {
        _catalog = catalog;
        _now = now;
        Count = count;
        _maximumAge = maximumAge;
    }

    /// <summary>Rows of the table that count: paths and rules.</summary>
    public long Count { get; }

    /// <summary>Looks for roots.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="now">The moment.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">CatalogHasNoRoots: there are none, or all have expired; <see cref="DuckException"/></exception>
    public static RootSet At(CacheCatalog catalog, DateTimeOffset now, CancellationToken cancellation = default)
    {
        using var session = catalog.OpenSession();
        using var rows = session.Query(SqlText.Of("Roots/count", ("now", Literal(now))), cancellation);
        rows.Read();
        return rows.GetInt64(0) is > 0 and var count ? new RootSet(catalog, now, count, rows.TryGetInt64(2) is { } age ? TimeSpan.FromSeconds(age) : null)
            : throw RootErrors.None(catalog.Directory, rows.GetInt64(1) == 0 ? "has no roots" : "has only roots that have expired");
    }

    /// <summary>The hash parts, as the engine finds them; some come several times, and some are of paths that the cache does not have.</summary>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public IEnumerable<string> ReadHashes(CancellationToken cancellation = default)
    {
        using var session = _catalog.OpenSession();
        using (var rows = session.Query(SqlText.Of("Roots/hashes", ("now", Literal(_now))), cancellation))
        {
            while (rows.Read())
            {
                yield return rows.GetText(0);
            }
        }

        if (_maximumAge is not { } age)
        {
            yield break;
        }

        // Of several rules, the one with the greatest age says all.
        using var young = session.Query(SqlText.Of("Roots/young", ("since", Literal(_now.Ticks > age.Ticks ? _now - age : DateTimeOffset.UnixEpoch))), cancellation);
        while (young.Read())
        {
            yield return young.GetText(0);
        }
    }

    /// <summary>A moment in SQL.</summary>
    internal static string Literal(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"TIMESTAMP '{time.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}'");
}
