using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>A user who does not see all rows, by limits that cut off or by being kept from some, gets an error, and never a smaller answer or a plan.</summary>
public abstract class ClusterRowsSeenTests(ClickHouseServers servers, ClusterRowsSeenTests.Source source) : IClassFixture<ClusterRowsSeenTests.Source>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Collection(nameof(OldClickHouseServers))]
    public sealed class OnOld(OldClickHouseServers servers, Source source) : ClusterRowsSeenTests(servers, source);

    [Collection(nameof(CurrentClickHouseServers))]
    public sealed class OnCurrent(CurrentClickHouseServers servers, Source source) : ClusterRowsSeenTests(servers, source);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _directory.Dispose();
    }

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
        string answer;
        try
        {
            answer = Ask(catalog, question);
        }
        catch (ClickHouseException error)
        {
            Assert.True(error.ErrorId == "ClickHouseLimitExceeded", error.Message);
            Assert.Contains("profile", error.Remedy, StringComparison.Ordinal);
            return;
        }

        // What a server finds without reading that much is all there is.
        Assert.Equal(Ask(source.Folder, question), answer);
        Assert.Equal("reach", question);
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
        // Its name is in the servers' configuration.
        var given = servers.NewDatabase();
        var address = ClickHouseAddress.Parse(given.Name.Replace($"/{given.Database}?", "/filtered?", StringComparison.Ordinal), "blind");
        CatalogCopy.From(source.Folder).ToCluster(ClickHouseAddress.Parse(address.Name, "default"), false, default);
        using var catalog = ClusterCatalog.Open(address);
        Skip.If(catalog.Cluster.Shards.Sum(shard => shard.QueryNumber($"SELECT count() FROM {catalog.Cluster.Shard("narinfos")} WHERE file_size = 3", default)) == 1, "ClickHouse of this version has no row policies");
        AssertHidden(catalog);
    }

    [SkippableFact]
    public void More_hashes_than_an_expression_may_have_by_default_can_be_asked_for()
    {
        using var catalog = ClusterCatalog.Open(source.Copied(servers));
        Assert.Single(catalog.Find(new NarInfoFilter { HashParts = [.. Enumerable.Range(100_000, 600_000).Select(number => number.ToString("D10") + new string('0', 22))] }, default));
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

    private string Ask(ICatalog catalog, string question)
    {
        switch (question)
        {
            case "find":
                return $"{catalog.Find(new(), default).Count()}";
            case "measure":
                return $"{Assert.Single(catalog.Measure(BinaryCacheGrouping.None, new(), default)).PathCount}";
            case "orphans":
                return $"{catalog.FindOrphans(BinaryCacheOrphanKind.NarInfoWithoutNar, new(), default).Count()}";
            case "reach":
                using (var reached = catalog.Reach(DateTimeOffset.UtcNow, null, default))
                {
                    return $"{reached.Count}";
                }

            case "plan":
                return PrunePlanner.Make(catalog, _directory / "plan", new PruneRequest { Unreachable = true, Moment = DateTimeOffset.UtcNow, Author = "test" }).Summary.Digest;
            default:
                return $"{CatalogCopy.From(catalog).ToFolder(_directory / "copy", false, default)[CatalogTable.NarInfos].Rows}";
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
                SELECT lpad(i::VARCHAR, 10, '0') || repeat('0', 22) AS hash, 'package-' || i AS pname, 'nar/' || i AS url, i AS file_size, 20 AS nar_size, [lpad((i // 2)::VARCHAR, 10, '0') || repeat('0', 22)] AS "references",
                    TIMESTAMP_MS '2020-01-01' AS last_modified_at
                FROM generate_series(1, 100000) t(i)
                """);
            writer.Add(CatalogTable.Objects, """
                SELECT lpad(i::VARCHAR, 10, '0') || repeat('0', 22) || '.narinfo' AS key, 10 AS size, TIMESTAMP_MS '2020-01-01' AS last_modified_date FROM generate_series(1, 100000) t(i)
                UNION ALL SELECT 'nar/' || i, i, TIMESTAMP_MS '2020-01-01' FROM generate_series(1, 100000) t(i)
                """);
            writer.Add(CatalogTable.Roots, "SELECT lpad(i::VARCHAR, 10, '0') || repeat('0', 22) AS hash, 'root' AS name, 'Pin' AS kind, 'test' AS origin, epoch_ms(0)::TIMESTAMP_MS AS added_at FROM generate_series(1, 100) t(i)");
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
