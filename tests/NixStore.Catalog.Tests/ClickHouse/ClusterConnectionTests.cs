using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>What is between a catalog's reader and its cluster: slow ends, users and passwords, refusals, proxies.</summary>
[Collection(ClickHouseCollection.Name)]
public sealed class ClusterConnectionTests(ClickHouseServers servers)
{
    [SkippableFact]
    public void An_insert_that_has_no_more_rows_says_why_and_leaves_none()
    {
        using var cluster = ClickHouseCluster.Open(servers.NewDatabase(), default);
        var table = $"{cluster.Address.Database}.broken";
        cluster.First.Execute($"CREATE DATABASE {cluster.Address.Database}", default);
        cluster.First.Execute($"CREATE TABLE {table} (x String) ENGINE = MergeTree ORDER BY x", default);
        Assert.Throws<KilledException>(() => cluster.First.Insert($"INSERT INTO {table} (x)", stream => throw new KilledException(), default));
        var error = Assert.Throws<ClickHouseException>(() => cluster.First.Insert($"INSERT INTO {table} (y)", stream => GiveTexts(stream, 10), default));
        Assert.Contains("y", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, cluster.First.QueryNumber($"SELECT count() FROM {table}", default));
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => cluster.First.Insert($"INSERT INTO {table} (x)", stream =>
        {
            for (var i = 0; i < 1000; i++)
            {
                GiveTexts(stream, 100_000);
                stop.Cancel();
            }
        }, stop.Token));
    }

    internal static void GiveTexts(Stream stream, int count)
    {
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = Path.Combine(Path.GetTempPath(), $"nixstore-test-{Guid.NewGuid():n}") });
        using var rows = session.Query($"SELECT i::VARCHAR FROM generate_series(1, {count}) t(i)", default);
        NativeWriter.WriteTexts(stream, "x", rows);
    }
}
