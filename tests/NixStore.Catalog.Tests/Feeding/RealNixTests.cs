using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;

namespace NixStore.Catalog.Tests.Feeding;

/// <summary>Caches that real Nix has filled.</summary>
[Collection(NixLabCollection.Name)]
public sealed class RealNixTests(NixLab lab) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("none")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    [InlineData("zstd")]
    [InlineData("gzip")]
    [InlineData("br")]
    public void The_catalog_of_a_cache_says_what_nix_says(string compression)
    {
        RealNix.Require("nix234");
        RealNix.Require("nix226");
        var folder = _directory / "cache";
        RealNix.Command("nix234", lab, ["copy", "--to", $"file://{folder}?compression={compression}&write-nar-listing=true&index-debug-info=true&secret-key={lab.SecretKeyFile}", .. lab.Paths]);
        var catalog = Catalog($"file://{folder}", _directory / "cache.catalog");

        var found = BothEngines.Find(catalog, new NarInfoFilter()).ToDictionary(path => path.Path);
        Assert.Equal(lab.Paths.Distinct().Order(), found.Keys.Order());
        foreach (var path in lab.Paths)
        {
            var (row, info) = (found[path], lab.Info(path));
            Assert.Equal(info.NarHash.ToString(), row.NarHash);
            Assert.Equal(info.NarSize, row.NarSize);
            Assert.Equal(info.References.Select(reference => reference.HashPart).Order(), row.References.Order());
            Assert.Equal(info.Deriver?.BaseName, row.Deriver);
            Assert.Equal(info.ContentAddress?.ToString(), row.ContentAddress);
            Assert.Equal(compression, row.Compression);
            Assert.Equal(new FileInfo(Path.Combine(folder, row.Url)).Length, row.FileSize);
            Assert.StartsWith("lab-1:", Assert.Single(row.Signatures), StringComparison.Ordinal);
        }

        var kinds = BothEngines.Measure(catalog, BinaryCacheGrouping.Kind).ToDictionary(kind => kind.Group, kind => kind.ObjectCount);
        Assert.Equal<(long?, long?, long?)>((found.Count, found.Count, 1), (kinds["NarInfo"], kinds["Listing"], kinds["CacheInfo"]));
        Assert.Equal<long?>(found.Values.Select(path => path.Url).Distinct().Count(), kinds["Nar"]);
        Assert.False(kinds.ContainsKey("Other"));
    }

    private static CacheCatalog Catalog(string url, string folder)
    {
        using var cache = BinaryCacheFactory.Open(url);
        using var writer = CatalogWriter.Open(folder, new CatalogManifest { Cache = url, StoreDirectory = cache.StoreDirectory.Path });
        new ListingImport(cache).Run(writer);
        Assert.Equal(0, new NarInfoUpdate(writer, new BinaryCacheFeed(cache)).Run().Findings);
        return writer.ToCatalog();
    }
}
