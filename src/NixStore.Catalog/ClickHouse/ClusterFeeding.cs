using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Compares the tables of a catalog on a cluster with its listing: each shard what it has.</summary>
internal static class ClusterFeeding
{
    private const long RowsAtOnce = 16_000_000;

    /// <inheritdoc cref="ICatalogWriter.CompareObjects"/>
    internal static CatalogDifference CompareObjects(ClusterWriter writer, CancellationToken cancellation)
    {
        using var session = writer.OpenSession(cancellation);
        var parts = writer.Manifest[CatalogTable.Objects];
        var buckets = 1 + ((parts.Rows + parts.Pending.Sum(part => part.Rows)) / RowsAtOnce);
        long added = 0, changed = 0, removed = 0, unchanged = 0;
        for (long bucket = 0; bucket < buckets; bucket++)
        {
            var sql = session.Sql("Feeding/difference", ("old", session.State.Condition(CatalogTable.Objects, parts.Parts)), ("new", session.State.Condition(CatalogTable.Objects, parts.Pending)),
                ("bucket", string.Create(CultureInfo.InvariantCulture, $"cityHash64(key) % {buckets} = {bucket}")));
            foreach (var counts in session.Cluster.OnEach(shard => Read(shard, sql, cancellation), cancellation))
            {
                (added, changed, removed, unchanged) = (added + counts.Added, changed + counts.Changed, removed + counts.Removed, unchanged + counts.Unchanged);
            }
        }

        session.Verify(cancellation);
        return new CatalogDifference(added, changed, removed, unchanged);
    }

    /// <summary>What an update of a catalog would do; nothing is changed.</summary>
    internal static FeedPlan Plan(ClusterCatalog catalog, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession(cancellation);
        var plan = new FeedPlan(Count(Wanted(session)), OutdatedRows.IsListed(catalog.Manifest) ? Count(Outdated(session)) : 0);
        session.Verify(cancellation);
        return plan;

        long Count(IEnumerable<string> queries)
            => queries.Sum(sql => session.Cluster.OnEach(shard => shard.QueryNumber($"SELECT count() FROM ({sql})", cancellation), cancellation).Sum());
    }

    /// <summary>Makes the table <c>wanted</c> in a session, of narinfos.</summary>
    internal static void FindWanted(ClusterWriter writer, CancellationToken cancellation)
    {
        using var session = writer.OpenSession(cancellation);
        LoadWanted(writer, session, "hash", Wanted(session), cancellation);
    }

    /// <summary>Makes the table <c>wanted</c> in a session, of objects whose owners are to be read.</summary>
    internal static void FindWantedLinks(ClusterWriter writer, CancellationToken cancellation)
    {
        using var session = writer.OpenSession(cancellation);
        LoadWanted(writer, session, "key", [session.Sql("Feeding/wanted-links")], cancellation);
    }

    /// <inheritdoc cref="ICatalogWriter.RemoveOutdated"/>
    internal static long RemoveOutdated(ClusterWriter writer, CancellationToken cancellation)
    {
        if (!OutdatedRows.IsListed(writer.Manifest))
        {
            return 0;
        }

        var count = Remove(writer, CatalogTable.NarInfos, "hash", Outdated, cancellation);
        Remove(writer, CatalogTable.Findings, "key", session => [session.Sql("Feeding/outdated-findings")], cancellation);
        return count;
    }

    /// <inheritdoc cref="ICatalogWriter.RemoveOutdatedLinks"/>
    internal static long RemoveOutdatedLinks(ClusterWriter writer, CancellationToken cancellation)
        => Remove(writer, CatalogTable.Links, "key", session => [session.Sql("Feeding/outdated-links")], cancellation);

    /// <inheritdoc cref="ICatalogWriter.FindKnown"/>
    internal static string FindKnown(ClusterWriter writer, string hashes, CancellationToken cancellation)
    {
        using var session = writer.OpenSession(cancellation);
        session.MakeTable("asked", "hash String", "hash", "hash", cancellation);
        using (var rows = writer.Session.Query($"SELECT hash FROM ({hashes}) WHERE hash IS NOT NULL", cancellation))
        {
            session.Insert("asked", "hash", rows, cancellation);
        }

        writer.Session.Execute("CREATE OR REPLACE TEMP TABLE known (hash VARCHAR)", cancellation);
        using (var appender = new DuckAppender(writer.Session, "known"))
        {
            using var found = session.Query(session.Expand("SELECT hash FROM {narinfos} WHERE {narinfos_parts} AND hash IN (SELECT hash FROM {asked_shard})"), cancellation);
            while (found.Read())
            {
                appender.Set(0, found.GetText(0));
                appender.EndRow();
            }

            appender.Close();
        }

        session.Verify(cancellation);
        return "known";
    }

    /// <inheritdoc cref="ICatalogWriter.RefreshShared"/>
    internal static void RefreshShared(ClusterWriter writer, CancellationToken cancellation)
    {
        if (SharedNars.IsKnown(writer.Manifest) || writer.Manifest[CatalogTable.NarInfos].Parts.Count == 0)
        {
            return;
        }

        using var session = writer.OpenSession(cancellation);
        var shared = ClusterShared.Of(session, cancellation);
        session.Verify(cancellation);
        var step = writer.BeginStep();
        step.Drop(CatalogTable.Shared, _ => true);
        step.Write(CatalogTable.Shared, "hash", $"SELECT {{part}}, hash FROM ({shared})", pending: false, cancellation);
        step.Update(manifest => manifest with { SharedOf = SharedNars.StateOf(manifest) });
        step.Commit(cancellation);
    }

    private static IEnumerable<string> Wanted(ClusterSession session)
        => RangesOf(session).Select(range => session.Sql("Feeding/wanted", ("keys", range.Condition("key")), ("range", range.Condition("hash"))));

    private static IEnumerable<string> Outdated(ClusterSession session)
    {
        var gone = OutdatedRows.ListedAt(session.Manifest) is { } listed ? $"ifNull(last_modified_at < {ClusterDialect.Moment(listed)}, 0)" : "true";
        return RangesOf(session).Select(range => session.Sql("Feeding/outdated", ("gone", gone), ("keys", range.Condition("key")), ("range", range.Condition("hash"))));
    }

    private static IReadOnlyList<HashRange> RangesOf(ClusterSession session)
        => HashRange.Split(Math.Max(session.Manifest[CatalogTable.NarInfos].Rows, session.Manifest[CatalogTable.Objects].Rows), RowsAtOnce);

    private static void LoadWanted(ClusterWriter writer, ClusterSession session, string column, IEnumerable<string> queries, CancellationToken cancellation)
    {
        writer.Session.Execute($"CREATE OR REPLACE TEMP TABLE found ({column} VARCHAR, e_tag VARCHAR, last_modified_date TIMESTAMP_MS, size BIGINT)", cancellation);
        using (var appender = new DuckAppender(writer.Session, "found"))
        {
            foreach (var (sql, shard) in queries.SelectMany(sql => session.Cluster.Shards.Select(shard => (sql, shard))))
            {
                using var rows = session.Cluster.QueryShard(shard, sql, cancellation);
                ClusterRows.Append(rows, appender, [new(column, "String"), new("e_tag", "Nullable(String)"), new("last_modified_date", "Nullable(Int64)"), new("size", "Nullable(Int64)")]);
            }

            appender.Close();
        }

        session.Verify(cancellation);
        writer.Session.Execute($"CREATE OR REPLACE TEMP TABLE wanted AS SELECT * FROM found ORDER BY {column}; DROP TABLE found", cancellation);
    }

    /// <summary>Takes rows out of a table: each part that has one of them is written anew without, all in one step.</summary>
    private static long Remove(ClusterWriter writer, CatalogTable table, string column, Func<ClusterSession, IEnumerable<string>> find, CancellationToken cancellation)
    {
        if (writer.Manifest[table].Parts.Count == 0)
        {
            return 0;
        }

        using var session = writer.OpenSession(cancellation);
        session.MakeTable("outdated", "place String", "place", "place", cancellation);
        foreach (var sql in find(session))
        {
            session.Cluster.ExecuteOnEach(session.Expand("INSERT INTO {outdated_shard} (place)\n") + sql, cancellation);
        }

        var (step, removed) = (writer.BeginStep(), 0L);
        foreach (var part in writer.Manifest[table].Parts)
        {
            var condition = string.Create(CultureInfo.InvariantCulture, $"{ClusterTable.PartColumn} = {session.State.PartitionOf(table, part)} AND {column}");
            var count = session.QueryNumber(session.Expand($"SELECT count() FROM {{{table}}} WHERE {condition} IN (SELECT place FROM {{outdated_shard}})"), cancellation);
            if (count > 0)
            {
                removed += count;
                var columns = ClusterTable.Of(table).FullColumnList;
                step.Drop(table, other => other.Name == part.Name);
                step.Write(table, columns, session.Expand($"SELECT {{part}}, {columns} FROM {{{table}_shard}} WHERE {condition} NOT IN (SELECT place FROM {{outdated_shard}})"), pending: false, cancellation);
            }
        }

        session.Verify(cancellation);
        if (removed > 0)
        {
            step.Commit(cancellation);
        }

        return removed;
    }

    private static CatalogDifference Read(ClickHouseServer shard, string sql, CancellationToken cancellation)
    {
        using var rows = shard.Query(sql, cancellation);
        return rows.Read() ? new CatalogDifference(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)) : new CatalogDifference(0, 0, 0, 0);
    }
}
