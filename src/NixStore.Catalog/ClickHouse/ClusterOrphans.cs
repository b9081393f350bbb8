using NixStore.Catalog.Orphans;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Finds what hangs in the air in a catalog on a cluster. What has to be compared is first sent to one shard; there each compares what it has.</summary>
internal static class ClusterOrphans
{
    private const long RowsAtOnce = 16_000_000;
    private const string IsVisible = "{objects_parts} AND is_visible(is_latest, is_delete_marker)";
    private const string AllNarInfos = "{narinfos_parts}";

    /// <inheritdoc cref="ICatalog.FindOrphans"/>
    internal static IEnumerable<BinaryCacheOrphan> Find(ClusterCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
    {
        OrphanSearch.Check(catalog, kind);
        return Search(catalog, kind, filter, cancellation);
    }

    /// <inheritdoc cref="ICatalog.CountOrphansPerDay"/>
    internal static IReadOnlyList<BinaryCacheOrphanDay> CountPerDay(ClusterCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
    {
        OrphanSearch.Check(catalog, kind);
        using var session = catalog.OpenSession(cancellation);
        Gather(session, catalog, kind, filter, cancellation);
        var (source, condition, modified, place) = SourceOf(catalog, kind);
        var days = new List<BinaryCacheOrphanDay>();
        (long Count, long Orphans) unknown = default;
        using (var rows = session.Query(session.Sql("Orphans/days", ("modified", modified), ("place", place), ("known", kind == BinaryCacheOrphanKind.NarWithoutNarInfo ? "key" : "hash"),
            ("source", $"{{{source}}}"), ("condition", condition), ("time", TimeOf(filter, modified))), cancellation))
        {
            while (rows.Read())
            {
                if (rows.TryGetInt64(0) is { } day && DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber + day is >= 0 and var number && number <= DateOnly.MaxValue.DayNumber)
                {
                    days.Add(new BinaryCacheOrphanDay { Catalog = catalog.Location, Kind = kind, Day = DateOnly.FromDayNumber((int)number), Count = rows.GetInt64(1), OrphanCount = rows.GetInt64(2) });
                }
                else
                {
                    unknown = (unknown.Count + rows.GetInt64(1), unknown.Orphans + rows.GetInt64(2));
                }
            }
        }

        session.Verify(cancellation);
        var result = days.OrderBy(day => day.Day);
        return [.. unknown.Count > 0 ? result.Prepend(new BinaryCacheOrphanDay { Catalog = catalog.Location, Kind = kind, Day = null, Count = unknown.Count, OrphanCount = unknown.Orphans }) : result];
    }

    /// <inheritdoc cref="ICatalog.CountUnread"/>
    internal static long CountUnread(ClusterCatalog catalog, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession(cancellation);
        var count = RangesOf(catalog).Sum(range => session.QueryNumber(session.Sql("Orphans/unread", ("keys", range.Condition("key")), ("range", range.Condition("hash"))), cancellation));
        session.Verify(cancellation);
        return count;
    }

    private static IEnumerable<BinaryCacheOrphan> Search(ClusterCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession(cancellation);
        Gather(session, catalog, kind, filter, cancellation);
        using (var rows = session.Query(session.Sql("Orphans/list"), cancellation))
        {
            while (rows.Read())
            {
                yield return OrphanSearch.Read(rows, catalog, kind);
            }
        }

        session.Verify(cancellation);
    }

    /// <summary>Fills the table <c>found</c>.</summary>
    private static void Gather(ClusterSession session, ClusterCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
    {
        session.MakeTable("found", "key String, hash String, last_modified Nullable(Int64), size Nullable(Int64), missing Nullable(String)", "if(hash = '', key, hash)", "hash", cancellation);
        switch (kind)
        {
            case BinaryCacheOrphanKind.DanglingReference:
                session.MakeTable("referred", "hash String", "hash", "hash", cancellation);
                session.MakeTable("gone", "hash String", "hash", "hash", cancellation);
                OnEach(session.Sql("Orphans/references"));
                foreach (var range in RangesOf(catalog))
                {
                    OnEach(session.Sql("Orphans/gone", ("range", range.Condition("hash")), ("keys", range.Condition("key"))));
                }

                OnEach(session.Sql("Orphans/DanglingReference", ("time", TimeOf(filter, "last_modified"))));
                break;
            case BinaryCacheOrphanKind.UnknownToHydra:
                var (source, condition, modified, place) = SourceOf(catalog, kind);
                OnEach(session.Sql("Orphans/UnknownToHydra", ("source_shard", $"{{{source}_shard}}"), ("condition", condition), ("modified", modified), ("hash", place), ("time", TimeOf(filter, modified))));
                break;
            default:
                session.MakeTable("named", "url String, hash String, last_modified Nullable(Int64), size Nullable(Int64)", "url", "url", cancellation);
                OnEach(session.Sql("Orphans/named"));
                OnEach(session.Sql($"Orphans/{kind}", ("time", TimeOf(filter, kind == BinaryCacheOrphanKind.NarWithoutNarInfo ? "last_modified_date" : "last_modified"))));
                break;
        }

        void OnEach(string sql) => session.Cluster.ExecuteOnEach(sql, cancellation);
    }

    /// <summary>What is counted: a table, the condition for its rows, their time, and what they are known by.</summary>
    private static (string Source, string Condition, string Modified, string Place) SourceOf(ClusterCatalog catalog, BinaryCacheOrphanKind kind) => kind switch
    {
        BinaryCacheOrphanKind.NarWithoutNarInfo => ("objects", $"{IsVisible} AND object_kind(key) = 'Nar'", "last_modified_date", "key"),
        BinaryCacheOrphanKind.UnknownToHydra when OrphanSearch.HasObjects(catalog) => ("objects", $"{IsVisible} AND object_kind(key) = 'NarInfo'", "last_modified_date", "substring(key, 1, 32)"),
        _ => ("narinfos", AllNarInfos, "last_modified_at", "hash"),
    };

    private static IReadOnlyList<HashRange> RangesOf(ClusterCatalog catalog)
        => HashRange.Split(Math.Max(catalog.Manifest[CatalogTable.NarInfos].Rows, catalog.Manifest[CatalogTable.Objects].Rows), RowsAtOnce);

    private static string TimeOf(OrphanFilter filter, string column)
    {
        var after = filter.After is { } since ? $"{column} >= {ClusterDialect.Moment(since)}" : "true";
        return filter.Before is { } before ? $"{after} AND {column} < {ClusterDialect.Moment(before)}" : after;
    }
}
