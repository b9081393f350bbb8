using NixStore.Bench.Catalogs;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>
/// A shard that is killed before or during an operation is an error that names it, and never a smaller answer. Only on old servers: what can be had of the current version
/// is an embedded engine, which now and then ends itself (236, a fatal error) when another shard is killed under it.
/// </summary>
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterFailureTests(OldClickHouseServers servers, ClusterFailureTests.Sources sources) : IClassFixture<ClusterFailureTests.Sources>, IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Questions => ["find", "measure", "prices", "orphans", "reach", "plan", "copy"];

    [SkippableTheory]
    [MemberData(nameof(Questions))]
    public void A_shard_that_is_gone_before_is_named(string question)
    {
        using var catalog = Copied();
        foreach (var shard in new[] { 1, 2 })
        {
            using (servers.Kill(shard))
            {
                var error = Assert.Throws<NixStoreException>(() => Ask(catalog, question));
                Assert.Equal("ClickHouseShardUnavailable", error.ErrorId);
                Assert.Contains($"Shard {shard} ", error.Message, StringComparison.Ordinal);
                Assert.StartsWith($"127.77.0.{shard}:", error.Target, StringComparison.Ordinal);
                Assert.Equal("ClickHouseShardUnavailable", Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(catalog.Cluster.Address)).ErrorId);
            }
        }

        Assert.Equal(sources.Answer(this, question), Ask(catalog, question));
    }

    [SkippableTheory]
    [MemberData(nameof(Questions))]
    public void A_shard_that_goes_meanwhile_is_named(string question) => KillDuring(question, 3);

    [Trait("Category", "Soak")]
    [SkippableTheory]
    [MemberData(nameof(Questions))]
    public void Also_at_many_moments(string question) => KillDuring(question, 30);

    [SkippableFact]
    public void A_shard_that_is_gone_is_named_when_another_one_asks_it()
    {
        using var catalog = Copied();
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = _directory / "temporary" });
        CatalogViews.Create(session, _ => []);
        using (servers.Kill(2))
        {
            var error = Assert.Throws<NixStoreException>(() => ClusterRows.Load(
                catalog.Cluster, session, "loaded", CatalogTable.NarInfos, $"hash GLOBAL IN (SELECT hash FROM {catalog.Cluster.All("narinfos")})", default));
            Assert.Equal("ClickHouseShardUnavailable", error.ErrorId);
            Assert.StartsWith("127.77.0.2:", error.Target, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public void A_copy_that_a_shard_has_left_is_continued()
    {
        var errors = 0;
        for (var n = 0; n < 4; n++)
        {
            var address = servers.NewDatabase();
            errors += Disturbed(() => CatalogCopy.From(sources.Folder).ToCluster(address, false, default), 1 + (n % 2), TimeSpan.FromMilliseconds(200 + (400 * n))) is null ? 0 : 1;
            CatalogCopy.From(sources.Folder).ToCluster(address, false, default);
            using var copy = ClusterCatalog.Open(address);
            CatalogCopy.From(copy).ToFolder(_directory / $"back{n}", false, default);
            CatalogTables.AssertSame(sources.Folder, CacheCatalog.Open(_directory / $"back{n}"));
        }

        Assert.True(errors > 0);
    }

    [SkippableFact]
    public void An_import_and_an_update_that_a_shard_has_left_are_continued()
    {
        var cache = new SampleCache(_directory / "cache");
        for (var i = 0; i < 3000; i++)
        {
            cache.Add(i, SampleCache.Text(i, references: $"{SampleCache.HashPart(i / 2)}-package-{i / 2}.0"));
        }

        var folder = _directory / "folder";
        Feed(() => CatalogWriter.Open(folder, new CatalogManifest { Cache = cache.Url }), cache);
        var wanted = CacheCatalog.Open(folder);
        var errors = 0;
        for (var n = 0; n < 4; n++)
        {
            var address = servers.NewDatabase();
            ICatalogWriter Open() => ClusterWriter.Open(address, new CatalogManifest { Cache = cache.Url });
            errors += Disturbed(() => Feed(Open, cache), 1 + (n % 2), TimeSpan.FromMilliseconds(300 + (300 * n))) is null ? 0 : 1;
            Feed(Open, cache);
            using var catalog = ClusterCatalog.Open(address);
            CatalogCopy.From(catalog).ToFolder(_directory / $"back{n}", false, default);
            foreach (var table in CatalogTable.All)
            {
                Assert.Equal(CatalogTables.Rows(wanted, table), CatalogTables.Rows(CacheCatalog.Open(_directory / $"back{n}"), table));
            }
        }

        Assert.True(errors > 0);
    }

    [SkippableFact]
    public void A_client_that_is_killed_leaves_no_half_copy_for_a_whole_one()
    {
        var address = servers.NewDatabase();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(KilledRun.Run(null, "copy", sources.Folder.Directory, address.Name));
        var (time, killed) = (watch.Elapsed, 0);
        for (var n = 0; n < 5; n++)
        {
            address = servers.NewDatabase();
            killed += KilledRun.Run(time * (0.3 + (0.15 * n)), "copy", sources.Folder.Directory, address.Name) ? 0 : 1;
            if (new ClusterManifest(ClickHouseCluster.Open(address, default)).TryRead(default) is var (_, state) && state.Manifest.UnfinishedCopyOf is not null)
            {
                Assert.Equal("CatalogUnfinished", Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(address)).ErrorId);
            }

            Assert.True(KilledRun.Run(null, "copy", sources.Folder.Directory, address.Name));
            using var copy = ClusterCatalog.Open(address);
            CatalogCopy.From(copy).ToFolder(_directory / $"back{n}", false, default);
            CatalogTables.AssertSame(sources.Folder, CacheCatalog.Open(_directory / $"back{n}"));
        }

        Assert.True(killed > 1);
    }

    [SkippableFact]
    public void A_shard_that_has_lost_its_data_is_no_smaller_catalog()
    {
        using var catalog = Copied();
        catalog.Cluster.Shards[1].Execute($"ALTER TABLE {catalog.Cluster.Shard("narinfos")} DROP PARTITION {catalog.State.PartitionOf(CatalogTable.NarInfos, catalog.Manifest[CatalogTable.NarInfos].Parts[0])}", default);
        var error = Assert.Throws<NixStoreException>(() => Ask(catalog, "measure"));
        Assert.Equal("ClickHouseCatalogIncomplete", error.ErrorId);
        Assert.Contains("127.77.0.2", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_shard_that_was_started_anew_in_between_is_noticed()
    {
        using var catalog = Copied();
        using var reached = (ClusterReachability)catalog.Reach(s_now, null, default);

        // Whether one that has just been started was started again nobody can tell.
        while (catalog.Cluster.Shards[1].QueryNumber("SELECT toUInt64(uptime()) AS seconds", default) < 7)
        {
            Thread.Sleep(500);
        }

        servers.Kill(2).Dispose();

        // Its uptime is told in whole seconds.
        Thread.Sleep(TimeSpan.FromSeconds(1));
        using var session = catalog.OpenSession(default);
        if (session.Start[1].Started.Earliest - reached.Session.Start[1].Started.Latest > TimeSpan.FromSeconds(2))
        {
            Assert.Equal("ClickHouseShardRestarted", Assert.Throws<NixStoreException>(() => catalog.Find(new NarInfoFilter { Reachability = reached }, default).Count()).ErrorId);
        }
    }

    [SkippableFact]
    public void A_shard_whose_answer_is_late_was_not_started_anew()
    {
        using var catalog = Copied();
        using var late = new LateServer("127.77.0.9", catalog.Cluster.Address.Port, catalog.Cluster.Shards[1].Name);
        using var slow = new ClickHouseServer(catalog.Cluster.Address, "127.77.0.9", 2);
        var before = ShardStatus.Ask(catalog.Cluster, catalog.Cluster.Shards[1], default);
        _ = ShardStatus.Ask(catalog.Cluster, slow, default);
        late.Delay = TimeSpan.FromSeconds(6);
        var after = ShardStatus.Ask(catalog.Cluster, slow, default);
        Assert.True(late.Answers > 0);
        ShardStatus.CheckStarts([before], [after]);
        ShardStatus.CheckStarts([after], [before]);

        // A restart is still one.
        var (earliest, latest) = after.Started;
        var restarted = after with { Started = (latest + TimeSpan.FromSeconds(3), latest + TimeSpan.FromSeconds(3) + (latest - earliest)) };
        Assert.Equal("ClickHouseShardRestarted", Assert.Throws<NixStoreException>(() => ShardStatus.CheckStarts([after], [restarted])).ErrorId);
    }

    private void KillDuring(string question, int moments)
    {
        using var catalog = Copied();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var wanted = Ask(catalog, question);
        var time = watch.Elapsed;
        Assert.Equal(sources.Answer(this, question), wanted);
        for (var n = 0; n < moments; n++)
        {
            var shard = 1 + (n % 2);
            var answer = "";
            if (Disturbed(() => answer = Ask(catalog, question), shard, time * ((n + 0.5) / moments)) is { } error)
            {
                Assert.True(error.ErrorId is "ClickHouseShardUnavailable" or "ClickHouseShardRestarted", error.ToString());
                Assert.StartsWith($"127.77.0.{shard}:", error.Target, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(wanted, answer);
            }
        }
    }

    /// <summary>Kills a shard at a moment of some work, and starts it again when that has ended.</summary>
    private NixStoreException? Disturbed(Action work, int shard, TimeSpan after)
    {
        var running = Task.Run(work);
        Thread.Sleep(after);
        using (servers.Kill(shard))
        {
            try
            {
                running.GetAwaiter().GetResult();
                return null;
            }
            catch (NixStoreException error)
            {
                return error;
            }
        }
    }

    private string Ask(ICatalog catalog, string question) => question switch
    {
        "find" => string.Join(' ', catalog.Find(new NarInfoFilter { Systems = ["x86_64-linux"] }, default).Select(path => path.HashPart).Order(StringComparer.Ordinal)),
        "measure" => string.Join('\n', CatalogTables.Texts(catalog.Measure(BinaryCacheGrouping.Reachability, new MeasureOptions { Moment = s_now }, default), catalog)),
        "prices" => string.Join('\n', CatalogTables.Texts(catalog.Measure(BinaryCacheGrouping.Month, new MeasureOptions { Moment = s_now, Prices = PriceListFile.Default }, default), catalog)),
        "orphans" => string.Join('\n', CatalogTables.Texts(catalog.FindOrphans(BinaryCacheOrphanKind.NarInfoWithoutNar, new(), default), catalog)),
        "reach" => Reached(catalog),
        "plan" => PrunePlanner.Make(catalog, _directory / $"{Guid.NewGuid():n}.plan", new PruneRequest { Unreachable = true, Moment = s_now, Author = "test" }).Summary.Digest,
        _ => Copy(catalog),
    };

    private static string Reached(ICatalog catalog)
    {
        using var reached = catalog.Reach(s_now, null, default);
        return $"{reached.Count} {reached.Levels}";
    }

    private string Copy(ICatalog catalog)
    {
        var folder = _directory / $"{Guid.NewGuid():n}.copy";
        CatalogCopy.From(catalog).ToFolder(folder, false, default);
        return string.Join('\n', CatalogTables.Rows(CacheCatalog.Open(folder), CatalogTable.NarInfos));
    }

    private ClusterCatalog Copied()
    {
        var address = servers.NewDatabase();
        CatalogCopy.From(sources.Folder).ToCluster(address, false, default);
        return ClusterCatalog.Open(address);
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
            new NarInfoUpdate(writer, new BinaryCacheFeed(cache)) { StepSize = 500 }.Run();
        }
    }

    public sealed class Sources : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly Dictionary<string, string> _answers = [];

        public Sources()
        {
            new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 20_000, Rebuild = 1000, PartSize = 4000, Objects = true })).Write(_directory / "made");
            using var writer = CatalogWriter.Open(_directory / "made");
            writer.Add(CatalogTable.Roots, "SELECT hash, pname AS name, 'Pin' AS kind, 'test' AS origin, epoch_ms(0)::TIMESTAMP_MS AS added_at FROM (SELECT * FROM narinfos ORDER BY hash LIMIT 20)");
            writer.Session.Execute("CREATE OR REPLACE TEMP TABLE lost AS SELECT * FROM objects WHERE NOT (starts_with(key, 'nar/') AND hash(key) % 100 = 0)");
            var step = writer.BeginStep();
            step.Drop(CatalogTable.Objects, _ => true);
            step.Write(CatalogTable.Objects, "SELECT * FROM lost ORDER BY key");
            step.Commit();
        }

        public CacheCatalog Folder => CacheCatalog.Open(_directory / "made");

        internal string Answer(ClusterFailureTests tests, string question)
        {
            if (!_answers.TryGetValue(question, out var answer))
            {
                _answers[question] = answer = tests.Ask(Folder, question);
            }

            return answer;
        }

        public void Dispose() => _directory.Dispose();
    }
}
