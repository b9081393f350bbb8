using System.Globalization;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What a shard says of itself.</summary>
/// <param name="Server">The shard.</param>
/// <param name="Started">Since when it runs, by this machine's clock: the earliest and the latest moment. An answer may take its time.</param>
/// <param name="Places">The numbers of the shards that it was when the catalog was made: one, or none where there is no catalog.</param>
/// <param name="Rows">Rows by table and partition.</param>
internal sealed record ShardStatus(ClickHouseServer Server, (DateTimeOffset Earliest, DateTimeOffset Latest) Started, IReadOnlyList<int> Places,
    IReadOnlyDictionary<(string Table, ulong Partition), long> Rows)
{
    private const string PlacePrefix = "shard_";

    // Clocks are set a little now and then.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2);

    /// <summary>The name of the table by which a server knows which shard it was when the catalog was made.</summary>
    internal static string PlaceName(int shard) => string.Create(CultureInfo.InvariantCulture, $"{PlacePrefix}{shard}");

    /// <summary>Asks all shards, and sees to it that they agree on what the cluster is.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="anyPlace">Servers may have been others' shards: what they have is to go.</param>
    /// <exception cref="NixStoreException">ClickHouseClusterChanged, ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal static IReadOnlyList<ShardStatus> Ask(ClickHouseCluster cluster, CancellationToken cancellation, bool anyPlace = false)
    {
        var shards = cluster.OnEach(shard => Ask(cluster, shard, cancellation), cancellation);
        return !anyPlace && shards.FirstOrDefault(shard => shard.Places.Any(place => place != shard.Server.Shard)) is { } other
            ? throw ClickHouseErrors.OtherPlace(cluster.Address, other.Server, other.Places) : shards;
    }

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
    /// <inheritdoc cref="Ask(ClickHouseCluster, CancellationToken, bool)"/>
    internal static ShardStatus Ask(ClickHouseCluster cluster, ClickHouseServer server, CancellationToken cancellation)
    {
        var asked = DateTimeOffset.UtcNow;
        var uptime = 0L;
        var (definition, places, counts) = (new List<ClusterShard>(), new List<int>(), new Dictionary<(string, ulong), long>());
        using var rows = server.Query(
            ClusterSql.Of("rows", ("cluster", ClickHouseCluster.Quote(cluster.Address.Cluster)), ("database", ClickHouseCluster.Quote(cluster.Address.Database))), cancellation);
        while (rows.Read())
        {
            var (name, detail, number) = (rows.GetText(1), rows.GetText(2), rows.GetInt64(3));
            switch (rows.GetText(0))
            {
                case "uptime":
                    uptime = number;
                    break;
                case "shard":
                    var (port, weight) = (detail[..detail.IndexOf(' ')], detail[(detail.IndexOf(' ') + 1)..]);
                    definition.Add(new ClusterShard((int)number, name, int.Parse(port, CultureInfo.InvariantCulture), int.Parse(weight, CultureInfo.InvariantCulture)));
                    break;
                case "place":
                    places.Add(int.Parse(name[PlacePrefix.Length..], CultureInfo.InvariantCulture));
                    break;
                case "rows" when ulong.TryParse(detail, NumberStyles.None, CultureInfo.InvariantCulture, out var partition):
                    counts[(name, partition)] = number;
                    break;
            }
        }

        definition.Sort((one, other) => one.Number.CompareTo(other.Number));
        if (!definition.SequenceEqual(cluster.Definition))
        {
            throw ClickHouseErrors.Disagreeing(cluster.Address, cluster.Definition, server, definition);
        }

        // Uptime is told in whole seconds.
        return new ShardStatus(server, (asked - TimeSpan.FromSeconds(uptime + 1), DateTimeOffset.UtcNow - TimeSpan.FromSeconds(uptime)), places, counts);
    }
}
