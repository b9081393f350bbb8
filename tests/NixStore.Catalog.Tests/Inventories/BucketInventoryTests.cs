using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Inventories;

/// <summary>Inventories and listings in a real S3 server.</summary>
[Collection(NixLabCollection.Name)]
public sealed class BucketInventoryTests : IDisposable
{
    private const string Hash = "00bgd045z0d4icpbc2yyz4gx48ak44la";

    private readonly S3Server _server;
    private readonly Caches.Tests.Support.TemporaryDirectory _directory = new();

    public BucketInventoryTests(S3Server server)
    {
        _server = server;
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKTEST");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "SKTEST");
    }

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void A_report_is_read_from_the_bucket_it_was_delivered_to()
    {
        _server.Require();
        var bucket = _server.NewBucket();
        var first = new SampleInventory(_directory / "first").Add("1.csv.gz", SampleInventory.Csv(["b", $"{Hash}.narinfo", "5", "2026-01-01T00:00:00.000Z", "e", "STANDARD"]));
        var second = new SampleInventory(_directory / "second", "2026-01-07T01-13Z", 1767748380000)
            .Add("2.csv.gz", SampleInventory.Csv(["b", $"{Hash}.narinfo", "5", "2026-01-01T00:00:00.000Z", "e", "STANDARD"], ["b", "nar/a%2Bb.nar", "6", "2026-01-01T00:00:00.000Z", "e", "STANDARD"]));
        Upload(bucket, first);
        Upload(bucket, second);
        var folder = _directory / "cache.catalog";
        using var writer = CatalogWriter.Open(folder, new CatalogManifest());

        var url = _server.Url(bucket);
        var single = url.Replace($"s3://{bucket}", $"s3://{bucket}/prefix/cache/daily/2026-01-06T01-13Z/manifest.json", StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(InventoryImport.Find(single)).Run(writer));
        Assert.Equal(1, writer.Session.QueryNumber("SELECT count(*) FROM objects"));

        var all = InventoryImport.Find(url.Replace($"s3://{bucket}", $"s3://{bucket}/prefix", StringComparison.Ordinal));
        Assert.Equal([false, true], all.Select(import => import.Run(writer) is not null));
        Assert.Equal(1, writer.Session.QueryNumber("SELECT count(*) FROM objects WHERE key = 'nar/a+b.nar'"));
        Assert.Empty(Directory.GetDirectories(folder, "spill-*").SelectMany(Directory.GetFiles));

        _server.Delete(bucket, "prefix/cache/daily/data/2.csv.gz");
        using var other = CatalogWriter.Open(_directory / "other.catalog", new CatalogManifest());
        Assert.Equal("InventoryFileMissing", Assert.Throws<NixStoreException>(() => InventoryImport.Find(url)[1].Run(other)).ErrorId);
    }

    [SkippableFact]
    public void A_small_bucket_is_listed_and_its_narinfos_are_read()
    {
        _server.Require();
        var bucket = _server.NewBucket();
        _server.Put(bucket, "nix-cache-info", "StoreDir: /nix/store\n"u8.ToArray());
        _server.Put(bucket, SampleCache.HashPart(1) + ".narinfo", System.Text.Encoding.UTF8.GetBytes(SampleCache.Text(1)));
        _server.Put(bucket, "nar/1.nar.xz", new byte[101]);
        using var cache = BinaryCacheFactory.Open(_server.Url(bucket));
        using var writer = CatalogWriter.Open(_directory / "cache.catalog", new CatalogManifest { Cache = cache.Address });
        new ListingImport(cache).Run(writer);
        Assert.Equal(new FeedResult(1, 0, 0), new NarInfoUpdate(writer, new BinaryCacheFeed(cache, new BulkOptions { ThrottleLimit = 4 })).Run());
        Assert.Equal(3, writer.Session.QueryNumber("SELECT count(*) FROM objects WHERE length(e_tag) = 32 AND storage_class = 'STANDARD'"));
        Assert.Equal(1, writer.Session.QueryNumber("SELECT count(*) FROM narinfos n JOIN objects o ON o.key = n.hash || '.narinfo' AND o.e_tag = n.e_tag"));

        _server.Put(bucket, SampleCache.HashPart(1) + ".narinfo", System.Text.Encoding.UTF8.GetBytes(SampleCache.Text(1, "other-1")));
        new ListingImport(cache).Run(writer);
        Assert.Equal(new FeedResult(1, 1, 0), new NarInfoUpdate(writer, new BinaryCacheFeed(cache, new BulkOptions { ThrottleLimit = 4 })).Run());
    }

    private void Upload(string bucket, SampleInventory inventory)
    {
        var manifest = inventory.Write();
        var daily = $"prefix/cache/daily/{Path.GetFileName(Path.GetDirectoryName(manifest))}";
        _server.Put(bucket, $"{daily}/manifest.json", File.ReadAllBytes(manifest));
        _server.Put(bucket, $"{daily}/manifest.checksum", File.ReadAllBytes(Path.ChangeExtension(manifest, ".checksum")));
        foreach (var (name, bytes) in inventory.Files)
        {
            _server.Put(bucket, $"prefix/cache/daily/data/{name}", bytes);
        }
    }
}
