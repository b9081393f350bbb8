using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>A user who does not see all rows, by limits that cut off or by being kept from some, gets an error, and never a smaller answer or a plan.</summary>
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterRowsSeenTests(OldClickHouseServers servers, ClusterRowsSeenTests.Source source) : IClassFixture<ClusterRowsSeenTests.Source>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("find")]
    [InlineData("measure")]
    [InlineData("orphans")]
    [InlineData("reach")]
    [InlineData("plan")]
    [InlineData("copy")]
    public void Limits_that_cut_off_are_errors(string question)
    {
        using var catalog = ClusterCatalog.Open(ClickHouseAddress.Parse(source.Copied(servers).Name, "cut"));
        var error = Assert.Throws<ClickHouseException>(() => Ask(catalog, question));
        Assert.Equal("ClickHouseLimitExceeded", error.ErrorId);
        Assert.Contains("profile", error.Remedy, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_table_over_all_shards_that_hides_rows_is_noticed()
    {
        var address = servers.NewDatabase();
        CatalogCopy.From(source.Folder).ToCluster(address, false, default);
        using var catalog = ClusterCatalog.Open(address);
        catalog.Cluster.First.Execute($"DROP TABLE {catalog.Cluster.All("narinfos")}", default);
        catalog.Cluster.First.Execute($"CREATE TABLE {catalog.Cluster.All("everything")} AS {catalog.Cluster.Shard("narinfos")} ENGINE = Distributed('lab', {address.Database}, narinfos_shard)", default);
        catalog.Cluster.First.Execute($"CREATE VIEW {catalog.Cluster.All("narinfos")} AS SELECT * FROM {catalog.Cluster.All("everything")} WHERE file_size != 3", default);
        AssertHidden(catalog);
    }

    [SkippableFact]
    public void A_policy_that_hides_rows_is_noticed()
    {
        var address = servers.NewDatabase();
        CatalogCopy.From(source.Folder).ToCluster(address, false, default);
        using var catalog = ClusterCatalog.Open(address);
        Skip.If(catalog.Cluster.First.QueryNumber("SELECT count() FROM system.tables WHERE database = 'system' AND name = 'row_policies'", default) == 0, "ClickHouse of this version has no row policies");
        catalog.Cluster.ExecuteOnEach($"CREATE ROW POLICY some ON {catalog.Cluster.Shard("narinfos")} USING file_size != 3 TO ALL", default);
        try
        {
            AssertHidden(catalog);
        }
        finally
        {
            catalog.Cluster.ExecuteOnEach($"DROP ROW POLICY some ON {catalog.Cluster.Shard("narinfos")}", default);
        }
    }

    [SkippableFact]
    public void More_hashes_than_an_expression_may_have_by_default_can_be_asked_for()
    {
        using var catalog = ClusterCatalog.Open(source.Copied(servers));
        Assert.Single(catalog.Find(new NarInfoFilter { HashParts = [.. Enumerable.Range(100_000, 600_000).Select(number => number.ToString("D32"))] }, default));
    }

    private void AssertHidden(ClusterCatalog catalog)
    {
        foreach (var question in new[] { "find", "measure", "orphans", "reach", "plan" })
        {
            var error = Assert.Throws<NixStoreException>(() => Ask(catalog, question));
            Assert.Equal("ClickHouseRowsHidden", error.ErrorId);
            Assert.Contains("narinfos", error.Message, StringComparison.Ordinal);
        }
    }

    private void Ask(ClusterCatalog catalog, string question)
    {
        switch (question)
        {
            case "find":
                _ = catalog.Find(new(), default).Count();
                break;
            case "measure":
                _ = catalog.Measure(BinaryCacheGrouping.None, new(), default).Count();
                break;
            case "orphans":
                _ = catalog.FindOrphans(BinaryCacheOrphanKind.NarInfoWithoutNar, new(), default).Count();
                break;
            case "reach":
                catalog.Reach(DateTimeOffset.UtcNow, null, default).Dispose();
                break;
            case "plan":
                PrunePlanner.Make(catalog, _directory / "plan", new PruneRequest { Unreachable = true, Moment = DateTimeOffset.UtcNow, Author = "test" });
                break;
            default:
                CatalogCopy.From(catalog).ToFolder(_directory / "copy", false, default);
                break;
        }
    }

    public sealed class Source : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private ClickHouseAddress? _address;

        public Source()
        {
            using var writer = CatalogWriter.Open(_directory / "made", new CatalogManifest());
            writer.Add(CatalogTable.NarInfos, """
                SELECT lpad(i::VARCHAR, 32, '0') AS hash, 'package-' || i AS pname, 'nar/' || i AS url, i AS file_size, 20 AS nar_size, [lpad((i // 2)::VARCHAR, 32, '0')] AS "references",
                    TIMESTAMP_MS '2020-01-01' AS last_modified_at
                FROM generate_series(1, 100000) t(i)
                """);
            writer.Add(CatalogTable.Objects, """
                SELECT lpad(i::VARCHAR, 32, '0') || '.narinfo' AS key, 10 AS size, TIMESTAMP_MS '2020-01-01' AS last_modified_date FROM generate_series(1, 100000) t(i)
                UNION ALL SELECT 'nar/' || i, i, TIMESTAMP_MS '2020-01-01' FROM generate_series(1, 100000) t(i)
                """);
            writer.Add(CatalogTable.Roots, "SELECT lpad(i::VARCHAR, 32, '0') AS hash, 'root' AS name, 'Pin' AS kind, 'test' AS origin, epoch_ms(0)::TIMESTAMP_MS AS added_at FROM generate_series(1, 100) t(i)");
        }

        internal CacheCatalog Folder => CacheCatalog.Open(_directory / "made");

        internal ClickHouseAddress Copied(ClickHouseServers servers)
        {
            if (_address is null)
            {
                var address = servers.NewDatabase();
                CatalogCopy.From(Folder).ToCluster(address, false, default);
                _address = address;
            }

            return _address;
        }

        public void Dispose() => _directory.Dispose();
    }
}
