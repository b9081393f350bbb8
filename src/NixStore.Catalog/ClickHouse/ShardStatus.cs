using System.Globalization;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What a shard says of itself.</summary>
/// <param name="Server">The shard.</param>
/// <param name="Started">Since when it runs, by this machine's clock.</param>
/// <param name="Rows">Rows by table and part.</param>
internal sealed record ShardStatus(ClickHouseServer Server, DateTimeOffset Started, IReadOnlyDictionary<(string Table, uint Part), long> Rows)
{
    // Uptime is told in whole seconds, and the answer takes its time.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(5);

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
            if (now.Started - then.Started > s_tolerance)
            {
                throw ClickHouseErrors.Restarted(now.Server);
            }
        }
    }

    private static ShardStatus Ask(ClickHouseCluster cluster, ClickHouseServer server, CancellationToken cancellation)
    {
        var started = DateTimeOffset.MinValue;
        var counts = new Dictionary<(string, uint), long>();
        using var rows = server.Query(ClusterSql.Of("rows", ("database", ClickHouseCluster.Quote(cluster.Address.Database))), cancellation);
        while (rows.Read())
        {
            if (rows.GetText(0).Length == 0)
            {
                started = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(rows.GetInt64(2));
            }
            else if (uint.TryParse(rows.GetText(1), NumberStyles.None, CultureInfo.InvariantCulture, out var part))
            {
                counts[(rows.GetText(0), part)] = rows.GetInt64(2);
            }
        }

        return new ShardStatus(server, started, counts);
    }
}
