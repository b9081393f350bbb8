using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What a shard says of itself.</summary>
/// <param name="Server">The shard.</param>
/// <param name="Started">Since when it runs, by this machine's clock: the earliest and the latest moment. An answer may take its time.</param>
/// <param name="Rows">Rows by table and part.</param>
internal sealed record ShardStatus(ClickHouseServer Server, (DateTimeOffset Earliest, DateTimeOffset Latest) Started, IReadOnlyDictionary<(string Table, uint Part), long> Rows)
{
    // Clocks are set a little now and then.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Asks all shards.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal static IReadOnlyList<ShardStatus> Ask(ClickHouseCluster cluster, CancellationToken cancellation) => cluster.OnEach(shard => Ask(cluster, shard, cancellation), cancellation);

    /// <summary>Sees to it that all rows are there that should be.</summary>
    /// <exception cref="NixStoreException">ClickHouseCatalogIncomplete</exception>
    internal static void CheckRows(IReadOnlyList<ShardStatus> shards, string catalog, CatalogManifest manifest)
    {
        foreach (var table in CatalogTable.All)
        {
            foreach (var part in manifest[table].Parts.Concat(manifest[table].Pending))
            {
                var key = ($"{table}_shard", ClusterParts.NumberOf(part));
                if (shards.Sum(shard => shard.Rows.GetValueOrDefault(key)) != part.Rows)
                {
                    throw ClickHouseErrors.Incomplete(catalog, $"{table} (part {ClusterParts.NumberOf(part)})", part.Rows, shards.Select(shard => (shard.Server, shard.Rows.GetValueOrDefault(key))));
                }
            }
        }
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
        var counts = new Dictionary<(string, uint), long>();
        using var rows = server.Query(ClusterSql.Of("rows", ("database", ClickHouseCluster.Quote(cluster.Address.Database))), cancellation);
        while (rows.Read())
        {
            if (rows.GetText(0).Length == 0)
            {
                uptime = rows.GetInt64(2);
            }
            else if (uint.TryParse(rows.GetText(1), NumberStyles.None, CultureInfo.InvariantCulture, out var part))
            {
                counts[(rows.GetText(0), part)] = rows.GetInt64(2);
            }
        }

        // Uptime is told in whole seconds.
        return new ShardStatus(server, (asked - TimeSpan.FromSeconds(uptime + 1), DateTimeOffset.UtcNow - TimeSpan.FromSeconds(uptime)), counts);
    }
}
