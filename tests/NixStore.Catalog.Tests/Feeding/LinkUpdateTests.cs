using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Feeding;

public sealed class LinkUpdateTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SampleCache _cache;

    public LinkUpdateTests() => _cache = new SampleCache(_directory / "cache");

    private string Folder => _directory / "cache.catalog";

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("debuginfo/00ff", """{"archive":"../nar/x.nar.xz","member":"lib/debug"}""", null, "nar/x.nar.xz")]
    [InlineData("debuginfo/sub/00ff", """{"archive":"../../nar/x.nar.xz"}""", null, "nar/x.nar.xz")]
    [InlineData("debuginfo/00ff", """{"archive":"../../../etc/passwd"}""", null, null)]
    [InlineData("debuginfo/00ff", """{"archive":"/nar/x"}""", null, null)]
    [InlineData("debuginfo/00ff", """{"archive":7}""", null, null)]
    [InlineData("debuginfo/00ff", "no JSON", null, null)]
    [InlineData("debuginfo/00ff", "[]", null, null)]
    [InlineData("realisations/sha256:1!out.doi", """{"id":"sha256:1!out","outPath":"00bgd045z0d4icpbc2yyz4gx48ak44la-package","signatures":[]}""", "00bgd045z0d4icpbc2yyz4gx48ak44la", null)]
    [InlineData("realisations/sha256:1!out.doi", """{"outPath":"../00bgd045z0d4icpbc2yyz4gx48ak44la-package"}""", null, null)]
    [InlineData("build-trace-v2/a.drv/out.doi", """{"outPath":"/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-package"}""", "00bgd045z0d4icpbc2yyz4gx48ak44la", null)]
    [InlineData("build-trace-v2/a.drv/out.doi", """{"key":{},"value":{"outPath":"00bgd045z0d4icpbc2yyz4gx48ak44la-package"}}""", "00bgd045z0d4icpbc2yyz4gx48ak44la", null)]
    public void Objects_say_to_whom_they_belong(string key, string json, string? hash, string? url)
        => Assert.Equal((hash, url), LinkText.Read(key, System.Text.Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Only_what_is_new_or_has_changed_is_read_again()
    {
        Write("debuginfo/00ff", """{"archive":"../nar/1.nar.xz"}""");
        Write("realisations/sha256:1!out.doi", """{"outPath":"00bgd045z0d4icpbc2yyz4gx48ak44la-package"}""");
        Write("debuginfo/bad", "?");
        Assert.Equal(new FeedResult(3, 0, 1), Update());
        Assert.Equal(new FeedResult(0, 0, 0), Update());
        Assert.Equal(["debuginfo/00ff  nar/1.nar.xz", "debuginfo/bad  ", "realisations/sha256:1!out.doi 00bgd045z0d4icpbc2yyz4gx48ak44la "], Rows());

        Write("debuginfo/bad", """{"archive":"../nar/2.nar.xz"}""");
        File.Delete(Path.Combine(_cache.Folder, "debuginfo/00ff"));
        Assert.Equal(new FeedResult(1, 2, 0), Update());
        Assert.Equal(["debuginfo/bad  nar/2.nar.xz", "realisations/sha256:1!out.doi 00bgd045z0d4icpbc2yyz4gx48ak44la "], Rows());
    }

    [Fact]
    public void Steps_give_the_same_rows()
    {
        for (var i = 0; i < 10; i++)
        {
            Write($"debuginfo/{i}", $$"""{"archive":"../nar/{{i}}.nar.xz"}""");
        }

        Assert.Equal(new FeedResult(10, 0, 0), Update(stepSize: 3));
        Assert.Equal(4, CacheCatalog.Open(Folder).Manifest[CatalogTable.Links].Parts.Count);
        Assert.Equal(10, Rows().Count);
    }

    private void Write(string key, string text)
    {
        var path = Path.Combine(_cache.Folder, key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private FeedResult Update(int stepSize = 100)
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest { Cache = _cache.Url });
        using var cache = _cache.Open();
        new ListingImport(cache).Run(writer);
        return new LinkUpdate(writer, cache) { StepSize = stepSize }.Run();
    }

    private List<string> Rows()
    {
        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT concat_ws(' ', key, coalesce(hash, ''), coalesce(url, '')) FROM links ORDER BY key");
        var lines = new List<string>();
        while (rows.Read())
        {
            lines.Add(rows.GetText(0));
        }

        return lines;
    }
}
