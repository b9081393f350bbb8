using System.Globalization;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What a shard says of itself.</summary>
/// <param name="Server">The shard.</param>
/// <param name="Started">Since when it runs, by this machine's clock: the earliest and the latest moment. An answer may take its time.</param>
/// <param name="Rows">Rows by table and partition.</param>
internal sealed record ShardStatus(ClickHouseServer Server, (DateTimeOffset Earliest, DateTimeOffset Latest) Started, IReadOnlyDictionary<(string Table, ulong Partition), long> Rows)
{
    // Clocks are set a little now and then.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Asks all shards.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal static IReadOnlyList<ShardStatus> Ask(ClickHouseCluster cluster, CancellationToken cancellation) => cluster.OnEach(shard => Ask(cluster, shard, cancellation), cancellation);

    /// <summary>Looks for rows that are not there though they should be.</summary>
    /// <returns>ClickHouseCatalogIncomplete; null when all are there.</returns>
    internal static NixStoreException? FindMissing(IReadOnlyList<ShardStatus> shards, string catalog, ClusterState state)
    {
        foreach (var (table, part, partition) in state.Parts)
        {
            var key = ($"{table}_shard", partition);
            if (shards.Sum(shard => shard.Rows.GetValueOrDefault(key)) != part.Rows)
            {
                return ClickHouseErrors.Incomplete(catalog, $"{table} (part {part.Name})", part.Rows, shards.Select(shard => (shard.Server, shard.Rows.GetValueOrDefault(key))));
            }
        }

        return null;
    }

    /// <summary>Sees to it that no shard was started anew since.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardRestarted</exception>
    internal static void CheckStarts(IReadOnlyList<ShardStatus> before, IReadOnlyList<ShardStatus> after)
    {
        foreach (var (then, now) in before.Zip(after))
        {
            if (now.Started.Earliest - then.Started.Latest > s_tolerance)
            {
                throw ClickHouseErrors.Restarted(now.Server);
            }
        }
    }

    /// <summary>Asks one.</summary>
    /// <inheritdoc cref="Ask(ClickHouseCluster, CancellationToken)"/>
    internal static ShardStatus Ask(ClickHouseCluster cluster, ClickHouseServer server, CancellationToken cancellation)
    {
        var asked = DateTimeOffset.UtcNow;
        var uptime = 0L;
        var counts = new Dictionary<(string, ulong), long>();
        using var rows = server.Query(ClusterSql.Of("rows", ("database", ClickHouseCluster.Quote(cluster.Address.Database))), cancellation);
        while (rows.Read())
        {
            if (rows.GetText(0).Length == 0)
            {
                uptime = rows.GetInt64(2);
            }
            else if (ulong.TryParse(rows.GetText(1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
            {
                counts[(rows.GetText(0), partition)] = rows.GetInt64(2);
            }
        }

        // Uptime is told in whole seconds.
        return new ShardStatus(server, (asked - TimeSpan.FromSeconds(uptime + 1), DateTimeOffset.UtcNow - TimeSpan.FromSeconds(uptime)), counts);
    }
}
