using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>A cluster that is not what it was when the catalog was made gives an error, and never what is left of the references; what errors advise can be done.</summary>
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterShardsTests(OldClickHouseServers servers, ClusterShardsTests.Source source) : IClassFixture<ClusterShardsTests.Source>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("heavy", "weight 3")]
    [InlineData("askew", "By the configuration of")]
    [InlineData("one", "1. 127.77.0.1")]
    [InlineData("twin", "the cluster 'lab'")]
    public void A_catalog_is_not_asked_by_another_definition(string cluster, string message)
    {
        var address = Copied();
        var other = In(address, cluster);
        var error = Assert.Throws<NixStoreException>(() =>
        {
            using var catalog = ClusterCatalog.Open(other);
            catalog.Reach(DateTimeOffset.UtcNow, null, default).Dispose();
        });
        Assert.Equal("ClickHouseClusterChanged", error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal("ClickHouseClusterChanged", Assert.Throws<NixStoreException>(() => ClusterWriter.Open(other)).ErrorId);
        Assert.Equal("ClickHouseClusterChanged", Assert.Throws<NixStoreException>(() => CatalogCopy.From(source.Folder).ToCluster(other, false, default)).ErrorId);
        AssertWhole(address);
    }

    [SkippableTheory]
    [InlineData("heavy")]
    [InlineData("one")]
    [InlineData("twin")]
    public void It_can_be_made_anew_by_another_definition(string cluster)
    {
        var address = In(Copied(), cluster);
        CatalogCopy.From(source.Folder).ToCluster(address, true, default);
        AssertWhole(address);
        ClusterWriter.Open(address).Dispose();
        AssertWhole(address);
    }

    [SkippableFact]
    public void It_can_be_copied_by_the_old_definition_under_another_name()
    {
        using var catalog = ClusterCatalog.Open(In(Copied(), "twin"));
        CatalogCopy.From(catalog).ToFolder(_directory / "copy", false, default);
        CatalogTables.AssertSame(source.Folder, CacheCatalog.Open(_directory / "copy"));
    }

    [SkippableFact]
    public void But_not_onto_itself()
    {
        var address = Copied();
        using (var catalog = ClusterCatalog.Open(In(address, "twin")))
        {
            Assert.Equal("CatalogCopyOntoItself", Assert.Throws<NixStoreException>(() => CatalogCopy.From(catalog).ToCluster(address, true, default)).ErrorId);
        }

        AssertWhole(address);
    }

    [SkippableFact]
    public void A_server_that_was_another_shard_is_noticed()
    {
        var address = Copied();
        using (var cluster = ClickHouseCluster.Open(address, default))
        {
            cluster.Shards[1].Execute($"RENAME TABLE {cluster.All("shard_2")} TO {cluster.All("shard_3")}", default);
        }

        var error = Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(address));
        Assert.Equal("ClickHouseClusterChanged", error.ErrorId);
        Assert.Contains("was shard 3", error.Message, StringComparison.Ordinal);
        Assert.Equal("ClickHouseClusterChanged", Assert.Throws<NixStoreException>(() => ClusterWriter.Open(address)).ErrorId);
        CatalogCopy.From(source.Folder).ToCluster(address, true, default);
        AssertWhole(address);
    }

    [SkippableFact]
    public void One_that_has_lost_rows_can_be_made_anew()
    {
        var address = Copied();
        using (var catalog = ClusterCatalog.Open(address))
        {
            catalog.Cluster.Shards[1].Execute($"DROP DATABASE {address.Database}", default);
            Assert.Equal("ClickHouseCatalogIncomplete", Assert.Throws<NixStoreException>(() => catalog.Find(new(), default).Count()).ErrorId);
        }

        Assert.Equal("ClickHouseCatalogIncomplete", Assert.Throws<NixStoreException>(() => ClusterWriter.Open(address)).ErrorId);
        CatalogCopy.From(source.Folder).ToCluster(address, true, default);
        AssertWhole(address);
    }

    [SkippableTheory]
    [InlineData("{}")]
    [InlineData("")]
    public void One_whose_state_is_damaged_can_be_made_anew(string text)
    {
        var address = Copied();
        using (var cluster = ClickHouseCluster.Open(address, default))
        {
            cluster.First.Execute($"CREATE TABLE {cluster.All("catalog_100")} (state String) ENGINE = MergeTree ORDER BY tuple()", default);
            cluster.First.Execute($"INSERT INTO {cluster.All("catalog_100")} VALUES ({ClickHouseCluster.Quote(text)})", default);
        }

        Assert.Equal("CatalogCorrupt", Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(address)).ErrorId);
        CatalogCopy.From(source.Folder).ToCluster(address, true, default);
        AssertWhole(address);
    }

    [SkippableFact]
    public void One_who_is_killed_while_it_is_made_anew_leaves_none_of_the_old_tables_to_the_next()
    {
        var address = Copied();
        using (var cluster = ClickHouseCluster.Open(address, default))
        {
            var manifests = new ClusterManifest(cluster);
            manifests.Publish(manifests.ReadNumber(default), ClusterState.Of(cluster, new CatalogManifest { UnfinishedCopyOf = CatalogCopy.From(source.Folder).Identity }) with { IsBeingMade = true }, default);
            cluster.First.Execute($"DROP TABLE {cluster.All("narinfos")}", default);
            cluster.First.Execute($"CREATE TABLE {cluster.All("narinfos")} AS {cluster.Shard("narinfos")} ENGINE = Distributed('one', {address.Database}, narinfos_shard, 1)", default);
        }

        Assert.Equal("CatalogUnfinished", Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(address)).ErrorId);
        CatalogCopy.From(source.Folder).ToCluster(address, false, default);
        AssertWhole(address);
    }

    [SkippableFact]
    public void What_is_there_already_is_not_made_anew()
    {
        var address = Copied();
        CatalogCopy.From(source.Folder).ToCluster(address, true, default);
        AssertWhole(address);
        using var cluster = ClickHouseCluster.Open(address, default);
        Assert.True(new ClusterManifest(cluster).TryRead(default) is var (_, state) && state.Parts.All(part => ClusterParts.TakeoverOf(part.Partition) < 4));
    }

    private static ClickHouseAddress In(ClickHouseAddress address, string cluster) => ClickHouseAddress.Parse(address.Name.Replace("cluster=lab", $"cluster={cluster}", StringComparison.Ordinal));

    private void AssertWhole(ClickHouseAddress address)
    {
        using var catalog = ClusterCatalog.Open(address);
        using var reached = catalog.Reach(DateTimeOffset.UtcNow, null, default);
        Assert.Equal((source.Reached, source.Folder.Manifest[CatalogTable.NarInfos].Rows), (reached.Count, catalog.Find(new(), default).Count()));
    }

    private ClickHouseAddress Copied()
    {
        var address = servers.NewDatabase();
        CatalogCopy.From(source.Folder).ToCluster(address, false, default);
        return address;
    }

    public sealed class Source : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();

        public Source()
        {
            using (var writer = CatalogWriter.Open(_directory / "made", new CatalogManifest()))
            {
                writer.Add(CatalogTable.NarInfos, """
                    SELECT rpad(translate(md5(i::VARCHAR), 'e', 'z'), 32, '0') AS hash, 'package-' || i AS pname, 'nar/' || i AS url, [rpad(translate(md5((i // 2)::VARCHAR), 'e', 'z'), 32, '0')] AS "references"
                    FROM generate_series(1, 1000) t(i)
                    """);
                writer.Add(CatalogTable.Roots, """
                    SELECT rpad(translate(md5(i::VARCHAR), 'e', 'z'), 32, '0') AS hash, 'root' AS name, 'Pin' AS kind, 'test' AS origin, epoch_ms(0)::TIMESTAMP_MS AS added_at
                    FROM generate_series(900, 1000) t(i)
                    """);
            }

            using var reached = Folder.Reach(DateTimeOffset.UtcNow, null, default);
            Reached = reached.Count;
        }

        internal CacheCatalog Folder => CacheCatalog.Open(_directory / "made");

        internal long Reached { get; }

        public void Dispose() => _directory.Dispose();
    }
}
