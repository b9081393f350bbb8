using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>Servers give up when nothing happens on a connection for a while; who reads or writes may take longer.</summary>
[Collection(nameof(CurrentClickHouseServers))]
public sealed class ClusterPauseTests(CurrentClickHouseServers servers)
{
    // The servers' patience is 15 s, see clickhouse.sh.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(20);

    [SkippableFact]
    public void Who_takes_time_reads_and_writes_all_the_same()
    {
        var address = servers.NewDatabase();
        using var cluster = ClickHouseCluster.Open(address, default);
        Parallel.Invoke(() => ReadSlowly(cluster), () => WriteSlowly(address));
    }

    private static void ReadSlowly(ClickHouseCluster cluster)
    {
        const long count = 300_000;
        using var rows = cluster.First.Query($"SELECT number, arrayStringConcat(arrayMap(x -> 'x', range(1000))) AS text FROM system.numbers LIMIT {count}", default);
        for (long row = 0; row < count; row++)
        {
            Assert.True(rows.Read());
            Assert.Equal(row, rows.GetInt64(0));
            if (row == 1000)
            {
                Thread.Sleep(s_pause);
            }
        }

        Assert.False(rows.Read());
    }

    private static void WriteSlowly(ClickHouseAddress address)
    {
        using (var writer = ClusterWriter.Open(address, new CatalogManifest()))
        {
            var number = 0;
            DuckFunction.Register(writer.Session, "slow", (_, answers) =>
            {
                for (var i = 0; i < answers.Length; i++, number++)
                {
                    // Between two blocks.
                    if (number == 200_000)
                    {
                        Thread.Sleep(s_pause);
                    }

                    answers[i] = 1;
                }
            });
            writer.Session.Execute("SET threads = 1");
            var step = writer.BeginStep();
            step.Write(CatalogTable.Hydra, """
                SELECT lpad(i::VARCHAR, 32, '0') AS hash, 'name' AS pname, slow(i::VARCHAR)::BIGINT AS build, NULL::INTEGER AS stepnr, NULL AS name, NULL AS system, NULL::TIMESTAMP_MS AS stop_time
                FROM generate_series(1, 300000) t(i)
                """);
            step.Commit(default);
        }

        using var catalog = ClusterCatalog.Open(address);
        Assert.Equal(300_000, catalog.Manifest[CatalogTable.Hydra].Rows);
    }
}
