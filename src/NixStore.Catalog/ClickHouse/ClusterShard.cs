using System.Globalization;

namespace NixStore.Catalog.ClickHouse;

/// <summary>A shard of a cluster as the configuration of a server defines it. Their order and weights say where a row is.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Host">Its server.</param>
/// <param name="Port">The port by which servers talk to it.</param>
/// <param name="Weight">Its share of the rows.</param>
internal sealed record ClusterShard(int Number, string Host, int Port, int Weight)
{
    /// <summary>A cluster in a line.</summary>
    internal static string Describe(IEnumerable<ClusterShard> shards)
        => string.Join(", ", shards.Select(shard => string.Create(CultureInfo.InvariantCulture, $"{shard.Number}. {shard.Host}:{shard.Port}{(shard.Weight == 1 ? "" : $" (weight {shard.Weight})")}"))) is { Length: > 0 } text ? text : "nothing";
}
