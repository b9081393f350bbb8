using System.Diagnostics;
using System.Globalization;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>Servers that hang up when nothing comes or goes for a while, as those of today do after 30 s.</summary>
public sealed class ClusterPatienceTests(ClusterPatienceTests.Servers servers) : IClassFixture<ClusterPatienceTests.Servers>
{
    // Longer than the patience below, which is that long because a busy machine may let a server wait, too.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(14);

    [SkippableFact]
    public async Task Rows_are_whole_however_slowly_they_are_taken_or_given()
    {
        using var cluster = ClickHouseCluster.Open(servers.NewDatabase(), default);
        cluster.First.Execute($"CREATE DATABASE {cluster.Address.Database}", default);
        await Task.WhenAll(Task.Run(() => TakeSlowly(cluster.First)), Task.Run(() => GiveSlowly(cluster.First, cluster.Address.Database)));
    }

    private static void TakeSlowly(ClickHouseServer server)
    {
        const int count = 6_000_000;
        using var rows = server.Query($"SELECT toInt64(number), toString(number) FROM system.numbers LIMIT {count}", default);
        for (var i = 0; i < count; i++)
        {
            Assert.True(rows.Read());
            Assert.Equal(i, rows.GetInt64(0));
            if (i is 0 or count / 2)
            {
                Assert.Equal(i.ToString(CultureInfo.InvariantCulture), rows.GetText(1));
                Thread.Sleep(i == 0 ? s_pause : default);
            }
        }

        Assert.False(rows.Read());
    }

    private static void GiveSlowly(ClickHouseServer server, string database)
    {
        server.Execute($"CREATE TABLE {database}.slow (x String) ENGINE = MergeTree ORDER BY x", default);
        server.Insert($"INSERT INTO {database}.slow (x)", stream =>
        {
            ClusterConnectionTests.GiveTexts(stream, 100_000);
            Thread.Sleep(s_pause);
            ClusterConnectionTests.GiveTexts(stream, 100_000);
        }, default);
        Assert.Equal(200_000, server.QueryNumber($"SELECT count() FROM {database}.slow", default));
    }

    public sealed class Servers() : ClickHouseServers("debian", "Debian's package clickhouse-server")
    {
        private protected override void Configure(ProcessStartInfo start) => start.Environment["PATIENCE"] = "10";
    }
}
