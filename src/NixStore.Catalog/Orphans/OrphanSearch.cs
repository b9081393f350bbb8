using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Orphans;

/// <summary>Finds what hangs in the air: compares the tables of a catalog with each other.</summary>
public static class OrphanSearch
{
    /// <summary>The kinds that a catalog can be asked for, having the tables.</summary>
    public static IReadOnlyList<BinaryCacheOrphanKind> KindsOf(ICatalog catalog)
        => [.. Enum.GetValues<BinaryCacheOrphanKind>().Where(kind => Missing(catalog, kind) is null)];

    /// <summary>Finds them, in the order of their keys.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty: a table that is needed is not there; <see cref="DuckException"/></exception>
    public static IEnumerable<BinaryCacheOrphan> Find(CacheCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation = default)
    {
        Check(catalog, kind);
        return Search(catalog, kind, filter, cancellation);
    }

    /// <summary>Counts them by day, the oldest first.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty: a table that is needed is not there; <see cref="DuckException"/></exception>
    public static IReadOnlyList<BinaryCacheOrphanDay> CountPerDay(CacheCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation = default)
    {
        Check(catalog, kind);
        using var session = catalog.OpenSession();
        var days = new SortedDictionary<DateOnly, (long Count, long Orphans)>();
        (long Count, long Orphans) unknown = default;
        foreach (var range in RangesOf(catalog, kind))
        {
            var sql = SqlText.Of("Orphans/days", ("kind", SqlOf(catalog, kind, range)), ("time", filter.ToSql()));
            using var rows = session.Query(sql, cancellation);
            while (rows.Read())
            {
                var (count, orphans) = (rows.GetInt64(1), rows.GetInt64(2));
                if (rows.TryGetTime(0) is not { } time)
                {
                    unknown = (unknown.Count + count, unknown.Orphans + orphans);
                    continue;
                }

                var day = DateOnly.FromDateTime(time.UtcDateTime);
                var before = days.GetValueOrDefault(day);
                days[day] = (before.Count + count, before.Orphans + orphans);
            }
        }

        var result = days.Select(day => Day(day.Key, day.Value));
        return [.. unknown.Count > 0 ? result.Prepend(Day(null, unknown)) : result];

        BinaryCacheOrphanDay Day(DateOnly? day, (long Count, long Orphans) counts)
            => new() { Catalog = catalog.Directory, Kind = kind, Day = day, Count = counts.Count, OrphanCount = counts.Orphans };
    }

    /// <summary>Narinfos of the listing that the catalog has not read: NARs that only they name are found as <see cref="BinaryCacheOrphanKind.NarWithoutNarInfo"/>.</summary>
    /// <exception cref="DuckException"/>
    public static long CountUnread(CacheCatalog catalog, CancellationToken cancellation = default)
    {
        using var session = catalog.OpenSession();
        return session.QueryNumber(SqlText.Of("Orphans/unread", ("narinfos", Listed)), cancellation);
    }

    private static string Objects => $"({SqlText.Of("Orphans/objects")})";

    private static string Listed => SqlText.Of("Orphans/listed", ("objects", Objects));

    private static IEnumerable<BinaryCacheOrphan> Search(CacheCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession();
        foreach (var range in RangesOf(catalog, kind))
        {
            // They are few among many: what else is known of them is looked up when it is known how few.
            session.Execute($"CREATE OR REPLACE TEMP TABLE found AS SELECT * FROM ({SqlOf(catalog, kind, range)}) WHERE is_orphan AND {filter.ToSql()}", cancellation);
            using var rows = session.Query(SqlText.Of("Orphans/list"), cancellation);
            while (rows.Read())
            {
                yield return Read(rows, catalog, kind);
            }
        }
    }

    /// <summary>A row of list.sql.</summary>
    internal static BinaryCacheOrphan Read(ICatalogRows rows, ICatalog catalog, BinaryCacheOrphanKind kind)
    {
        var hash = rows.TryGetText(1);
        return new BinaryCacheOrphan
        {
            Catalog = catalog.Location,
            Kind = kind,
            Key = rows.GetText(0),
            HashPart = hash,
            Path = rows.TryGetText(2) is { } name ? $"{catalog.Manifest.StoreDirectory}/{hash}-{name}" : null,
            Size = rows.TryGetInt64(3),
            LastModified = rows.TryGetTime(4),
            Missing = rows.TryGetText(5)?.Split(' ') ?? [],
        };
    }

    private static IReadOnlyList<HashRange> RangesOf(CacheCatalog catalog, BinaryCacheOrphanKind kind)
        => HashRange.For(kind == BinaryCacheOrphanKind.UnknownToHydra
            ? Math.Max(catalog.Manifest[CatalogTable.Hydra].Rows, HasObjects(catalog) ? catalog.Manifest[CatalogTable.Objects].Rows / 2 : catalog.Manifest[CatalogTable.NarInfos].Rows) : 0);

    private static string SqlOf(CacheCatalog catalog, BinaryCacheOrphanKind kind, HashRange range)
        => SqlText.Of($"Orphans/{kind}", ("objects", Objects), ("range", range.Condition("hash")),
            ("narinfos", HasObjects(catalog) ? Listed : "SELECT hash, last_modified_at AS last_modified FROM narinfos"));

    internal static bool HasObjects(ICatalog catalog) => catalog.Manifest[CatalogTable.Objects].Rows > 0;

    /// <summary>Sees to it that the tables are there which tell orphans of a kind.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty</exception>
    internal static void Check(ICatalog catalog, BinaryCacheOrphanKind kind)
    {
        if (Missing(catalog, kind) is { } missing)
        {
            throw new NixStoreException("CatalogTableEmpty", StoreErrorKind.NotFound, $"The catalog '{catalog.Location}' has nothing in its table {missing.Table}, which is needed for {kind}.",
                catalog.Location, $"Fill it first by {missing.Cmdlet}.");
        }
    }

    private static (CatalogTable Table, string Cmdlet)? Missing(ICatalog catalog, BinaryCacheOrphanKind kind)
    {
        var narInfos = (CatalogTable.NarInfos, "Update-BinaryCacheCatalog");
        var objects = (CatalogTable.Objects, "Import-BinaryCacheInventory");
        (CatalogTable Table, string Cmdlet)[] needed = kind switch
        {
            BinaryCacheOrphanKind.UnknownToHydra => [(CatalogTable.Hydra, "Import-HydraBuildOutput"), .. HasObjects(catalog) ? [] : new[] { narInfos }],
            BinaryCacheOrphanKind.DanglingReference => [narInfos],
            _ => [narInfos, objects],
        };
        return needed.Where(table => catalog.Manifest[table.Table].Rows == 0).Select(table => ((CatalogTable, string)?)table).FirstOrDefault();
    }
}
