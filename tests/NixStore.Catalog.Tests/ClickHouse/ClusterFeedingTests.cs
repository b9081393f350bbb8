using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>What is imported and updated on a cluster is what it is in a folder, also when the cache has changed since.</summary>
public abstract class ClusterFeedingTests(ClickHouseServers servers) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Collection(nameof(OldClickHouseServers))]
    public sealed class OnOld(OldClickHouseServers servers) : ClusterFeedingTests(servers);

    [Collection(nameof(CurrentClickHouseServers))]
    public sealed class OnCurrent(CurrentClickHouseServers servers) : ClusterFeedingTests(servers);

    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableFact]
    public void A_cache_that_changes_is_followed()
    {
        var address = servers.NewDatabase();
        var cache = new SampleCache(_directory / "cache");
        for (var i = 0; i < 300; i++)
        {
            cache.Add(i, SampleCache.Text(i, references: $"{SampleCache.HashPart(i / 2)}-package-{i / 2}.0", url: $"nar/{i / 3}.nar.xz"));
        }

        cache.Add(300, "nonsense");
        var realisation = Directory.CreateDirectory(Path.Combine(cache.Folder, "realisations")).FullName;
        File.WriteAllText(Path.Combine(realisation, "sha256:aa!out.doi"), $$"""{"id":"sha256:aa!out","outPath":"{{SampleCache.HashPart(7)}}-package-7.0","signatures":[]}""");
        Assert.Equal(300, FeedBoth());
        for (var i = 0; i < 300; i += 7)
        {
            if (i % 2 == 0)
            {
                cache.Remove(i);
            }
            else
            {
                cache.Add(i, SampleCache.Text(i, name: $"another-{i}.1", more: "System: x86_64-linux"));
            }
        }

        cache.Add(301).Add(300);
        Assert.Equal(302 - 22, FeedBoth());

        long FeedBoth()
        {
            Feed(() => CatalogWriter.Open(_directory / "folder", new CatalogManifest { Cache = cache.Url }), cache);
            Feed(() => ClusterWriter.Open(address, new CatalogManifest { Cache = cache.Url }), cache);
            using var catalog = ClusterCatalog.Open(address);
            var (wanted, copy) = (CacheCatalog.Open(_directory / "folder"), _directory / Guid.NewGuid().ToString("n"));
            CatalogCopy.From(catalog).ToFolder(copy, false, default);
            foreach (var table in CatalogTable.All)
            {
                Assert.Equal(CatalogTables.Rows(wanted, table), CatalogTables.Rows(CacheCatalog.Open(copy), table));
            }

            return catalog.Manifest[CatalogTable.NarInfos].Rows;
        }
    }

    private static void Feed(Func<ICatalogWriter> open, SampleCache sample)
    {
        using var cache = sample.Open();
        using (var writer = open())
        {
            new ListingImport(cache).Run(writer);
        }

        using (var writer = open())
        {
            new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = 100 }.Run();
        }
    }
}
