using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Feeding;

public sealed class NarInfoUpdateTests : IDisposable
{
    private const string Deriver = "00bgd045z0d4icpbc2yyz4gx48ak44la-package.drv";

    private readonly TemporaryDirectory _directory = new();
    private readonly SampleCache _cache;

    public NarInfoUpdateTests() => _cache = new SampleCache(_directory / "cache");

    private string Folder => _directory / "cache.catalog";

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_narinfo_becomes_a_row_with_all_it_says()
    {
        var reference = SampleCache.HashPart(2) + "-other";
        _cache.Add(1, SampleCache.Text(1, "hello-2.10", $"{reference} {SampleCache.HashPart(1)}-hello-2.10",
            $"Deriver: {Deriver}\nSystem: x86_64-linux\nSig: key-1:{Convert.ToBase64String(new byte[64])}\nCA: fixed:r:sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"));
        Assert.Equal(new FeedResult(1, 0, 0), Update());

        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT * FROM narinfos");
        Assert.True(rows.Read());
        Assert.Equal(SampleCache.HashPart(1), rows.GetText(NarInfoColumn.Hash));
        Assert.Equal("hello-2.10", rows.GetText(NarInfoColumn.Name));
        Assert.Equal("nar/1.nar.xz", rows.GetText(NarInfoColumn.Url));
        Assert.Equal("xz", rows.GetText(NarInfoColumn.Compression));
        Assert.Equal("sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", rows.GetText(NarInfoColumn.FileHash));
        Assert.Equal(101, rows.GetInt64(NarInfoColumn.FileSize));
        Assert.Equal(1001, rows.GetInt64(NarInfoColumn.NarSize));
        Assert.Equal([SampleCache.HashPart(1), SampleCache.HashPart(2)], rows.GetTexts(NarInfoColumn.References).Order());
        Assert.Equal(Deriver, rows.GetText(NarInfoColumn.Deriver));
        Assert.Equal("x86_64-linux", rows.GetText(NarInfoColumn.System));
        Assert.StartsWith("fixed:r:sha256:", rows.GetText(NarInfoColumn.ContentAddress), StringComparison.Ordinal);
        Assert.Equal($"key-1:{Convert.ToBase64String(new byte[64])}", Assert.Single(rows.GetTexts(NarInfoColumn.Signatures)));
        var written = File.GetLastWriteTimeUtc(Path.Combine(_cache.Folder, SampleCache.HashPart(1) + ".narinfo"));
        Assert.Equal(new DateTimeOffset(written).ToUnixTimeMilliseconds(), rows.GetTime(NarInfoColumn.LastModified).ToUnixTimeMilliseconds());
    }

    [Fact]
    public void What_is_wrong_becomes_a_finding_and_the_rest_is_read()
    {
        _cache.Add(1).Add(2, "").Add(3, SampleCache.Text(3, url: "../../etc/passwd")).Add(4, SampleCache.Text(4, url: "https://evil.example/x.nar"))
            .Add(5, SampleCache.Text(6)).Add(7, SampleCache.Text(7).Replace("/nix/store", "/gnu/store", StringComparison.Ordinal)).Add(8, SampleCache.Text(8)[..^30])
            .Add(9, SampleCache.Text(9, references: "../x")).Add(10, SampleCache.Text(10).Replace("NarSize: 1010\n", "", StringComparison.Ordinal))
            .Add(11, SampleCache.Text(11).Replace("\n", "\r\n", StringComparison.Ordinal)).Add(12, SampleCache.Text(12, more: "CA: a:b\nCA: c:d"))
            .Add(13, SampleCache.Text(13, more: "Junk: " + new string('x', 100_000))).Add(14, SampleCache.Text(14, url: "/nar/x.nar"));
        Directory.CreateDirectory(Path.Combine(_cache.Folder, "log"));
        File.WriteAllText(Path.Combine(_cache.Folder, "log", SampleCache.HashPart(20) + ".narinfo"), "no narinfo");
        Assert.Equal(new FeedResult(2, 0, 11), Update());

        using var session = CacheCatalog.Open(Folder).OpenSession();
        using var rows = session.Query("SELECT key, kind FROM findings ORDER BY key");
        var kinds = new Dictionary<string, string>();
        while (rows.Read())
        {
            kinds.Add(rows.GetText(0), rows.GetText(1));
        }

        Assert.Equal(FindingKinds.Mismatch, kinds[SampleCache.HashPart(5) + ".narinfo"]);
        Assert.Equal(10, kinds.Values.Count(kind => kind == FindingKinds.Corrupt));
    }

    [Fact]
    public void Only_what_is_new_or_has_changed_is_read_again()
    {
        _cache.Add(1).Add(2).Add(3).Add(4, "bad");
        Assert.Equal(new FeedResult(3, 0, 1), Update());
        Assert.Equal(new FeedResult(0, 0, 0), Update());

        _cache.Add(2, SampleCache.Text(2, "other-3.0")).Add(4).Add(5, "bad").Remove(3);
        Assert.Equal(new FeedResult(2, 2, 1), Update());
        using var session = CacheCatalog.Open(Folder).OpenSession();
        Assert.Equal(3, session.QueryNumber("SELECT count(*) FROM narinfos"));
        Assert.Equal(1, session.QueryNumber("SELECT count(*) FROM narinfos WHERE pname = 'other-3.0'"));
        Assert.Equal(1, session.QueryNumber("SELECT count(*) FROM findings"));
    }

    [Fact]
    public void A_killed_run_is_continued_and_the_result_is_that_of_an_undisturbed_one_byte_for_byte()
    {
        for (var i = 0; i < 40; i++)
        {
            _cache.Add(i, i % 9 == 8 ? "bad" : SampleCache.Text(i, url: $"nar/{i % 30}.nar.xz"));
        }

        Update(stepSize: 7);
        var wanted = Folders.Read(Folder);
        for (var kill = 0; kill < 40; kill += 3)
        {
            var folder = _directory / $"killed-{kill}.catalog";
            List(folder);
            using (var writer = CatalogWriter.Open(folder))
            {
                using var cache = _cache.Open();
                Assert.Throws<KilledException>(() => new NarInfoUpdate(writer, new KillingFeed(cache, kill)) { StepSize = 7 }.Run());
            }

            using (var writer = CatalogWriter.Open(folder))
            {
                using var cache = _cache.Open();
                new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = 7 }.Run();
            }

            Assert.Equal(wanted, Folders.Read(folder));
        }
    }

    [Fact]
    public void A_nar_that_several_narinfos_name_is_known_after_the_update()
    {
        _cache.Add(1).Add(2, SampleCache.Text(2, url: "nar/1.nar.xz")).Add(3, SampleCache.Text(3, url: "nar/1.nar.xz")).Add(4);
        Update();
        var catalog = CacheCatalog.Open(Folder);
        Assert.True(SharedNars.IsKnown(catalog.Manifest));
        using var session = catalog.OpenSession();
        Assert.Equal(2, session.QueryNumber("SELECT count(*) FROM shared"));

        _cache.Remove(1);
        Update();
        using var after = CacheCatalog.Open(Folder).OpenSession();
        Assert.Equal(1, after.QueryNumber("SELECT count(*) FROM shared"));
    }

    private void List(string folder)
    {
        using var cache = _cache.Open();
        using var writer = CatalogWriter.Open(folder, new CatalogManifest { Cache = cache.Url });
        new ListingImport(cache).Run(writer);
    }

    private FeedResult Update(int stepSize = 1000)
    {
        List(Folder);
        using var cache = _cache.Open();
        using var writer = CatalogWriter.Open(Folder);
        return new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = stepSize }.Run();
    }

    private sealed class KillingFeed(BinaryCache cache, int after) : INarInfoFeed
    {
        private int _left = after;

        public void Read(IReadOnlyList<CatalogObject> wanted, INarInfoSink sink, CancellationToken cancellation)
        {
            foreach (var item in wanted)
            {
                if (_left-- == 0)
                {
                    throw new KilledException();
                }

                sink.Add(item, cache.TryReadFile(item.Key, 1 << 20, cancellation));
            }
        }
    }
}
