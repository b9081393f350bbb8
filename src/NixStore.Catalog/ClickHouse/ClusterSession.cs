using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// An operation on a cluster: every shard is asked before it begins, and again by <see cref="Verify"/> before its result counts. Tables that it makes for itself go at
/// its end; what a killed one has left is dropped by later ones.
/// </summary>
internal sealed class ClusterSession : IDisposable
{
    private const string WorkPrefix = "work_";
    private static readonly TimeSpan s_workLife = TimeSpan.FromDays(2);

    private readonly string _id = string.Create(CultureInfo.InvariantCulture, $"{WorkPrefix}{DateTimeOffset.UtcNow:yyyyMMddHHmmss}_{Guid.NewGuid():n}")[..36];
    private readonly IReadOnlyList<ShardStatus> _start;
    private readonly List<string> _work = [];
    private readonly List<(string Name, string Text)> _names;

    /// <summary>Begins.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="manifest">What the catalog consists of.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable, ClickHouseCatalogIncomplete; <see cref="ClickHouseException"/></exception>
    internal ClusterSession(ClickHouseCluster cluster, CatalogManifest manifest, CancellationToken cancellation)
    {
        (Cluster, Manifest) = (cluster, manifest);
        _start = ShardStatus.Ask(cluster, cancellation);
        ShardStatus.CheckRows(_start, cluster.Address.Name, manifest);
        _names = [.. CatalogTable.All.SelectMany(table => new[]
        {
            ($"{table}_parts", ClusterParts.Condition(manifest[table].Parts)),
            ($"{table}_shard", cluster.Shard(table.Name)),
            (table.Name, cluster.All(table.Name)),
        })];
    }

    /// <summary>The cluster.</summary>
    internal ClickHouseCluster Cluster { get; }

    /// <summary>What the catalog consists of.</summary>
    internal CatalogManifest Manifest { get; }

    /// <summary>What the shards have said at the beginning.</summary>
    internal IReadOnlyList<ShardStatus> Start => _start;

    /// <summary>
    /// The text of a file of <c>Sql/ClickHouse/</c>. <c>{narinfos}</c> is the table over all shards, <c>{narinfos_shard}</c> that of the shard that is asked,
    /// <c>{narinfos_parts}</c> the condition for the rows that count; so of all tables, and of those of <see cref="MakeTable"/>.
    /// </summary>
    /// <param name="name">Its name without the extension.</param>
    /// <param name="replacements">Other names in braces; they come first.</param>
    internal string Sql(string name, params ReadOnlySpan<(string Name, string Text)> replacements)
        => Expand(ClusterSql.Of(name, replacements));

    /// <summary>The same for a text.</summary>
    internal string Expand(string sql)
    {
        foreach (var (name, text) in _names)
        {
            sql = sql.Replace($"{{{name}}}", text, StringComparison.Ordinal);
        }

        return ClickHouseMacros.Expand(sql);
    }

    /// <summary>Makes a table for this session: on each shard, and over all of them.</summary>
    /// <param name="name">Its name in SQL.</param>
    /// <param name="columns">As between the parentheses of CREATE TABLE.</param>
    /// <param name="key">The text that says on which shard a row belongs.</param>
    /// <param name="order">What it is sorted by; null = it is only read from end to end.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="partition">What its files are kept apart by; null = nothing.</param>
    internal void MakeTable(string name, string columns, string key, string? order, CancellationToken cancellation, string? partition = null)
    {
        var table = $"{_id}_{name}";
        if (_work.Count == 0)
        {
            DropForgotten(cancellation);
        }

        if (_work.Contains(table))
        {
            Drop(table, cancellation);
        }
        else
        {
            _work.Add(table);
        }

        Cluster.ExecuteOnEach($"CREATE TABLE {Cluster.Shard(table)} ({columns}) ENGINE = {(order is null ? "Log" : $"MergeTree{(partition is null ? "" : $" PARTITION BY {partition}")} ORDER BY {order}")}", cancellation);
        Cluster.ExecuteOnEach($"CREATE TABLE {Cluster.All(table)} ({columns}) ENGINE = {Cluster.Distributed(table, ClusterTable.ShardOf(key))}", cancellation);
        if (!_names.Exists(item => item.Name == name))
        {
            _names.AddRange([($"{name}_shard", Cluster.Shard(table)), (name, Cluster.All(table))]);
        }
    }

    /// <summary>Puts the texts of a query of the embedded engine into a table of this session.</summary>
    internal void Insert(string table, string column, DuckDB.DuckRows rows, CancellationToken cancellation) => Cluster.Blaming(
        () =>
        {
            var insert = Expand($"INSERT INTO {{{table}}} ({column})");
            NativeWriter.WriteTexts(write => Cluster.First.Insert(insert, write, cancellation), column, rows);
            return true;
        },
        cancellation);

    /// <summary>Asks over all shards.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal ClickHouseRows Query(string sql, CancellationToken cancellation) => Cluster.Query(sql, cancellation);

    /// <summary>Runs a statement over all shards.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal void Execute(string sql, CancellationToken cancellation) => Cluster.Blaming(
        () =>
        {
            Cluster.First.Execute(sql, cancellation);
            return true;
        },
        cancellation);

    /// <summary>A number over all shards.</summary>
    /// <inheritdoc cref="Query"/>
    internal long QueryNumber(string sql, CancellationToken cancellation) => Cluster.QueryNumber(sql, cancellation);

    /// <summary>Sees to it that all shards are still there, and were all the time.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable, ClickHouseShardRestarted, ClickHouseCatalogIncomplete</exception>
    internal void Verify(CancellationToken cancellation)
    {
        var end = ShardStatus.Ask(Cluster, cancellation);
        ShardStatus.CheckStarts(_start, end);
        ShardStatus.CheckRows(end, Cluster.Address.Name, Manifest);
    }

    /// <summary>Ends; its tables go.</summary>
    public void Dispose()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var table in _work)
        {
            try
            {
                Drop(table, limit.Token);
            }
            catch (Exception error) when (error is NixStoreException or OperationCanceledException)
            {
                // A later session finds it.
            }
        }

        _work.Clear();
    }

    private void Drop(string table, CancellationToken cancellation)
    {
        foreach (var name in new[] { Cluster.All(table), Cluster.Shard(table) })
        {
            Cluster.ExecuteOnEach($"DROP TABLE IF EXISTS {name}", cancellation);
        }
    }

    /// <summary>Drops tables of sessions that were killed some days ago.</summary>
    private void DropForgotten(CancellationToken cancellation)
    {
        var sql = ClusterSql.Of("tables", ("database", ClickHouseCluster.Quote(Cluster.Address.Database)), ("pattern", ClickHouseCluster.Quote($"^{WorkPrefix}[0-9]{{14}}_")));
        Cluster.OnEach(
            shard =>
            {
                var names = new List<string>();
                using (var rows = shard.Query(sql, cancellation))
                {
                    while (rows.Read())
                    {
                        names.Add(rows.GetText(0));
                    }
                }

                var oldest = (DateTimeOffset.UtcNow - s_workLife).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
                foreach (var name in names.Where(name => string.CompareOrdinal(name, WorkPrefix.Length, oldest, 0, oldest.Length) < 0))
                {
                    shard.Execute($"DROP TABLE IF EXISTS {Cluster.All(name)}", cancellation);
                }

                return true;
            },
            cancellation);
    }
}
