using NixStore.Bench.Catalogs;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Datasets;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>What is read into a catalog on a cluster is what is read into a folder.</summary>
public abstract class ClusterFeedTests(ClickHouseServers servers) : IDisposable
{
    private const int Count = 600;
    private readonly TemporaryDirectory _directory = new();

    [Collection(nameof(OldClickHouseServers))]
    public sealed class OnOld(OldClickHouseServers servers) : ClusterFeedTests(servers);

    [Collection(nameof(CurrentClickHouseServers))]
    public sealed class OnCurrent(CurrentClickHouseServers servers) : ClusterFeedTests(servers);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _directory.Dispose();
    }

    [SkippableFact]
    public void Updates_read_what_is_new_has_changed_or_is_wrong_and_forget_what_is_gone()
    {
        var sample = new SampleCache(_directory / "cache");
        for (var i = 0; i < Count; i++)
        {
            sample.Add(i, i % 50 == 7 ? "no narinfo" : SampleCache.Text(i, references: $"{SampleCache.HashPart(i / 2)}-package-{i / 2}.0"));
            Write(sample, $"debuginfo/{i}", $$"""{"archive":"../nar/{{i}}.nar.xz"}""");
            Write(sample, $"realisations/sha256:{i}!out.doi", $$"""{"outPath":"{{SampleCache.HashPart(i)}}-package-{{i}}.0"}""");
        }

        var address = servers.NewDatabase();
        Same(sample, address);
        for (var i = 0; i < Count; i += 3)
        {
            sample.Add(i, SampleCache.Text(i, name: $"other-{i}"));
            sample.Remove(i + 1);
            Write(sample, $"debuginfo/{i}", "{}");
            File.Delete(Path.Combine(sample.Folder, $"realisations/sha256:{i}!out.doi"));
        }

        Same(sample, address);
    }

    [SkippableFact]
    public void Datasets_are_read_too()
    {
        var dataset = _directory / "dataset.parquet";
        new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 10_000, Rebuild = 1000, PartSize = 5000 })).Write(_directory / "made");
        using (var session = CacheCatalog.Open(_directory / "made").OpenSession())
        {
            session.Execute($"COPY (FROM narinfos) TO {DuckSession.Quote(dataset)} (FORMAT parquet, ROW_GROUP_SIZE 3000)");
        }

        var address = servers.NewDatabase();
        var wanted = Import(CatalogWriter.Open(_directory / "folder", new CatalogManifest()));
        Assert.Equal(wanted, Import(ClusterWriter.Open(address, new CatalogManifest())));
        AssertSame(address);

        FeedResult Import(ICatalogWriter writer)
        {
            using (writer)
            {
                return new DatasetImport(dataset).Run(writer);
            }
        }
    }

    private static void Write(SampleCache sample, string key, string text)
    {
        var path = Path.Combine(sample.Folder, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Same(SampleCache sample, ClickHouseAddress address)
    {
        var initial = new CatalogManifest { Cache = sample.Url };
        Assert.Equal(Feed(CatalogWriter.Open(_directory / "folder", initial), sample), Feed(ClusterWriter.Open(address, initial), sample));
        AssertSame(address);
    }

    private static (FeedResult NarInfos, FeedResult Links) Feed(ICatalogWriter writer, SampleCache sample)
    {
        using (writer)
        {
            using var cache = sample.Open();
            new ListingImport(cache).Run(writer);
            return (new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = 250 }.Run(), new LinkUpdate(writer, cache) { StepSize = 500 }.Run());
        }
    }

    private void AssertSame(ClickHouseAddress address)
    {
        using var cluster = ClusterCatalog.Open(address);
        var back = _directory / $"back-{Guid.NewGuid():n}";
        CatalogCopy.From(cluster).ToFolder(back, false, default);
        foreach (var table in CatalogTable.All)
        {
            Assert.Equal(CatalogTables.Rows(CacheCatalog.Open(_directory / "folder"), table), CatalogTables.Rows(CacheCatalog.Open(back), table));
        }
    }
}
