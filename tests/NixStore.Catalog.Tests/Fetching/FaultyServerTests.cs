using System.Collections.Concurrent;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;
using TemporaryDirectory = NixStore.Catalog.Tests.Support.TemporaryDirectory;

namespace NixStore.Catalog.Tests.Fetching;

/// <summary>A catalog is updated from a server with faults: it becomes the same, or what is missing is said.</summary>
public sealed class FaultyServerTests : IDisposable
{
    private const int Count = 300;
    private const int StepSize = 70;

    private static readonly BulkOptions s_hasty = new()
    {
        ThrottleLimit = 16,
        MaximumAttempts = 8,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        MaximumRetryDelay = TimeSpan.FromMilliseconds(30),
    };

    private readonly TemporaryDirectory _directory = new();
    private readonly SampleCache _cache;

    public FaultyServerTests()
    {
        _cache = new SampleCache(_directory / "cache");
        for (var i = 0; i < Count; i++)
        {
            _cache.Add(i, i % 50 == 49 ? "bad" : null);
        }
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Faults_that_pass_leave_nothing_behind()
    {
        using (var cache = _cache.Open())
        {
            Update("undisturbed", cache);
        }

        var asked = new ConcurrentDictionary<string, int>();
        using var server = new TinyServer(request =>
        {
            var answer = Answer(request);

            // A third of all is answered at once; the others after up to three faults of all sorts.
            var fault = request.Path == "/nix-cache-info" ? 0 : request.Path.Sum(letter => letter) % 9;
            return asked.AddOrUpdate(request.Path, 1, (_, count) => count + 1) > 3 ? answer : fault switch
            {
                1 => TinyAnswer.Of(503),
                2 => new TinyAnswer(503, "<Error><Code>SlowDown</Code></Error>"u8.ToArray(), "Content-Type: application/xml"),
                3 => TinyAnswer.Of(429, "Retry-After: 0"),
                4 => answer with { ResetAfter = -1 },
                5 => answer with { ResetAfter = answer.Body.Length / 2 },
                6 => answer with { Body = answer.Body[..(answer.Body.Length / 2)] },
                _ => answer,
            };
        });
        using var faulty = Open(server);
        var result = Update("faulty", faulty);
        Assert.Equal((Count - 6, 6, 0), (result.Read, result.Findings, result.Skipped));
        Assert.Equal(Contents("undisturbed"), Contents("faulty"));
    }

    [Fact]
    public void What_could_not_be_had_is_asked_for_again_by_the_next_run()
    {
        var (bad, isBack) = ("/" + SampleCache.HashPart(17) + ".narinfo", false);
        using var server = new TinyServer(request => request.Path == bad && !isBack ? TinyAnswer.Of(500) : Answer(request));
        using var cache = Open(server);
        var result = Update("catalog", cache);
        Assert.Equal((Count - 7, 6, 1), (result.Read, result.Findings, result.Skipped));
        Assert.Equal("BinaryCacheHttpError", result.Error?.ErrorId);

        isBack = true;
        Assert.Equal(new FeedResult(1, 0, 0), Update("catalog", cache));
        Assert.Equal(new FeedResult(0, 0, 0), Update("catalog", cache));
    }

    [Fact]
    public void What_has_gone_meanwhile_is_a_finding_until_it_is_listed_no_more()
    {
        using var server = new TinyServer(request => request.Path == "/" + SampleCache.HashPart(17) + ".narinfo" ? TinyAnswer.Of(404) : Answer(request));
        using var cache = Open(server);
        Assert.Equal(new FeedResult(Count - 7, 0, 7), Update("catalog", cache));
        Assert.Equal(1, Number("catalog", $"SELECT count(*) FROM findings WHERE kind = '{FindingKinds.Missing}'"));

        // Somebody else may have answered in the server's place: as long as it is listed, it is asked for.
        Assert.Equal(new FeedPlan(1, 0), NarInfoUpdate.Plan(CacheCatalog.Open(_directory / "catalog")));
        Assert.Equal(new FeedResult(0, 0, 1), Update("catalog", cache));
        Assert.Equal(1, Number("catalog", $"SELECT count(*) FROM findings WHERE kind = '{FindingKinds.Missing}'"));

        _cache.Remove(17);
        Assert.Equal(new FeedResult(0, 0, 0), Update("catalog", cache));
        Assert.Equal(0, Number("catalog", $"SELECT count(*) FROM findings WHERE kind = '{FindingKinds.Missing}'"));
    }

    [Fact]
    public void What_is_refused_is_no_finding_and_is_asked_for_again_by_the_next_run()
    {
        var (refused, isBack) = ("/" + SampleCache.HashPart(17) + ".narinfo", false);
        using var server = new TinyServer(request => request.Path == refused && !isBack ? TinyAnswer.Of(403) : Answer(request));
        using var cache = Open(server);
        var result = Update("catalog", cache);
        Assert.Equal((Count - 7, 6, 1, "BinaryCacheFileRefused"), (result.Read, result.Findings, result.Skipped, result.Error?.ErrorId));

        isBack = true;
        Assert.Equal(new FeedResult(1, 0, 0), Update("catalog", cache));
    }

    [Fact]
    public void A_server_that_breaks_down_loses_no_step_that_was_done()
    {
        var (count, isBack) = (0, false);
        using var server = new TinyServer(request =>
            isBack || request.Path == "/nix-cache-info" || Interlocked.Increment(ref count) <= Count / 2 ? Answer(request) : TinyAnswer.Of(503));
        using (var cache = Open(server))
        {
            Assert.Throws<NixStoreException>(() => Update("catalog", cache, s_hasty with { MaximumAttempts = 2, MaximumFailures = 5 }));
        }

        Assert.Equal(2 * StepSize, Number("catalog", "SELECT (SELECT count(*) FROM narinfos) + (SELECT count(*) FROM findings)"));
        isBack = true;
        using (var cache = Open(server))
        {
            Update("catalog", cache, isListed: true);
        }

        using (var cache = Open(server))
        {
            Update("undisturbed", cache);
        }

        Assert.Equal(Contents("undisturbed"), Contents("catalog"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_server_that_has_nothing_at_all_is_not_believed(bool isRefused)
    {
        for (var i = Count; i < 1100; i++)
        {
            _cache.Add(i);
        }

        using var server = new TinyServer(request => request.Path == "/nix-cache-info" ? Answer(request) : TinyAnswer.Of(isRefused ? 403 : 404));
        using var cache = Open(server);
        Assert.Equal(isRefused ? "BinaryCacheFileRefused" : "BinaryCacheHasNothing", Assert.Throws<NixStoreException>(() => Update("catalog", cache, stepSize: 5000)).ErrorId);
        Assert.Equal(0, Number("catalog", "SELECT count(*) FROM findings"));
    }

    [Fact]
    public void A_narinfo_that_is_listed_twice_is_one_row()
    {
        List("catalog");
        using (var writer = CatalogWriter.Open(_directory / "catalog"))
        {
            var step = writer.BeginStep();
            step.Write(CatalogTable.Objects, "SELECT * FROM objects WHERE ends_with(key, '.narinfo') ORDER BY key LIMIT 20");
            step.Commit();
        }

        using var cache = _cache.Open();
        using (var writer = CatalogWriter.Open(_directory / "catalog"))
        {
            new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = StepSize }.Run();
        }

        Assert.Equal(Count - 6, Number("catalog", "SELECT count(*) FROM narinfos"));
        Assert.Equal(Count - 6, Number("catalog", "SELECT count(DISTINCT hash) FROM narinfos"));
    }

    [Fact]
    public void A_plan_says_what_an_update_would_do_and_does_nothing()
    {
        using var cache = _cache.Open();
        List("catalog");
        var before = Contents("catalog");
        Assert.Equal(new FeedPlan(Count, 0), NarInfoUpdate.Plan(CacheCatalog.Open(_directory / "catalog")));
        Assert.Equal(before, Contents("catalog"));
        Update("catalog", cache);

        _cache.Add(1, SampleCache.Text(1, "other-3.0")).Remove(2);
        List("catalog");
        Assert.Equal(new FeedPlan(1, 2), NarInfoUpdate.Plan(CacheCatalog.Open(_directory / "catalog")));
    }

    private static BinaryCache Open(TinyServer server) => BinaryCacheFactory.Open(
        server.Url, new BinaryCacheOptions { MaximumConnections = 16, RetryDelay = TimeSpan.FromMilliseconds(1), StalledDownloadTimeout = TimeSpan.FromSeconds(30) });

    private TinyAnswer Answer(TinyRequest request)
    {
        var file = new FileInfo(Path.Combine(_cache.Folder, request.Path[1..]));
        return file.Exists ? TinyAnswer.Ok(File.ReadAllBytes(file.FullName), $"Last-Modified: {file.LastWriteTimeUtc:R}") : TinyAnswer.Of(404);
    }

    private void List(string catalog)
    {
        using var cache = _cache.Open();
        using var writer = CatalogWriter.Open(_directory / catalog, new CatalogManifest { Cache = "https://cache.invalid" });
        new ListingImport(cache).Run(writer);
    }

    private FeedResult Update(string catalog, BinaryCache cache, BulkOptions? options = null, int stepSize = StepSize, bool isListed = false)
    {
        if (!isListed)
        {
            List(catalog);
        }

        using var writer = CatalogWriter.Open(_directory / catalog);
        return new NarInfoUpdate(writer, new BinaryCacheFeed(cache, options ?? s_hasty)) { StepSize = stepSize }.Run();
    }

    private long Number(string catalog, string sql)
    {
        using var session = CacheCatalog.Open(_directory / catalog).OpenSession();
        return session.QueryNumber(sql);
    }

    private Dictionary<string, string> Contents(string catalog) => Folders.Read(_directory / catalog);
}
