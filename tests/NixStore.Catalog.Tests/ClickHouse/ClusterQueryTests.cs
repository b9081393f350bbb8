using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Orphans;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>Every question of the catalog to a generated cache with known answers, on a cluster and by the embedded engine.</summary>
public abstract class ClusterQueryTests(ClickHouseServers servers, ClusterQueryTests.Generated generated) : IClassFixture<ClusterQueryTests.Generated>
{
    [Collection(nameof(OldClickHouseServers))]
    public sealed class OnOld(OldClickHouseServers servers, Generated generated) : ClusterQueryTests(servers, generated);

    [Collection(nameof(CurrentClickHouseServers))]
    public sealed class OnCurrent(CurrentClickHouseServers servers, Generated generated) : ClusterQueryTests(servers, generated);

    [SkippableFact]
    public void The_known_answers_are_given()
    {
        var (catalog, answers) = (generated.OnCluster(servers), generated.Answers);
        var all = catalog.Find(new NarInfoFilter(), default).ToList();
        Assert.Equal((answers.Paths, answers.References, answers.NarSize), (all.Count, all.Sum(path => path.References.Count), all.Sum(path => path.NarSize)));
        var images = catalog.Find(new NarInfoFilter { Names = ["nixos-*.iso", "nixos-*.img", "nixos-amazon-image-*"] }, default).ToList();
        Assert.Equal((answers.Images, answers.ImageSize), (images.Count, images.Sum(path => path.FileSize ?? 0)));
        var measure = Assert.Single(catalog.Measure(BinaryCacheGrouping.None, new MeasureOptions(), default));
        Assert.Equal<(long?, long?, long?, long?)>((answers.Paths, answers.Nars, answers.FileSize, answers.NarSize), (measure.PathCount, measure.NarCount, measure.FileSize, measure.NarSize));
        var kinds = catalog.Measure(BinaryCacheGrouping.Kind, new MeasureOptions(), default).ToDictionary(group => group.Group);
        Assert.Equal<(long?, long?, long?)>((answers.Paths, answers.Nars, answers.FileSize), (kinds["NarInfo"].ObjectCount, kinds["Nar"].ObjectCount, kinds["Nar"].ObjectSize));
        Assert.Equal(answers.FixedOutputs, catalog.Find(new NarInfoFilter { FixedOutput = true }, default).Count());
    }

    public static TheoryData<int> FilterNumbers => [.. Enumerable.Range(0, Filters.Length)];

    [SkippableTheory]
    [MemberData(nameof(FilterNumbers))]
    public void A_filter_finds_the_same(int number)
    {
        var filter = Filters[number];
        var wanted = Found(generated.Folder, filter);
        Assert.Equal(wanted, Found(generated.OnCluster(servers), filter));
    }

    [SkippableTheory]
    [InlineData(BinaryCacheGrouping.None)]
    [InlineData(BinaryCacheGrouping.Month)]
    [InlineData(BinaryCacheGrouping.PackageName)]
    [InlineData(BinaryCacheGrouping.System)]
    [InlineData(BinaryCacheGrouping.Compression)]
    [InlineData(BinaryCacheGrouping.StorageClass)]
    [InlineData(BinaryCacheGrouping.Kind)]
    [InlineData(BinaryCacheGrouping.Reachability)]
    public void A_measure_is_the_same_with_its_costs(BinaryCacheGrouping by)
    {
        var options = new MeasureOptions { Prices = PriceListFile.Default, Moment = new DateTimeOffset(2025, 7, 1, 0, 0, 0, TimeSpan.Zero) };
        var cluster = generated.OnCluster(servers);
        var wanted = CatalogTables.Texts(generated.Folder.Measure(by, options, default), generated.Folder).ToList();
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted, CatalogTables.Texts(cluster.Measure(by, options, default), cluster));
    }

    [SkippableTheory]
    [InlineData(BinaryCacheOrphanKind.UnknownToHydra)]
    [InlineData(BinaryCacheOrphanKind.NarWithoutNarInfo)]
    [InlineData(BinaryCacheOrphanKind.NarInfoWithoutNar)]
    [InlineData(BinaryCacheOrphanKind.DanglingReference)]
    public void Orphans_are_the_same(BinaryCacheOrphanKind kind)
    {
        var cluster = generated.OnCluster(servers);
        foreach (var filter in new[] { new OrphanFilter(), new OrphanFilter { After = new DateTimeOffset(2019, 1, 1, 0, 0, 0, TimeSpan.Zero), Before = new DateTimeOffset(2023, 1, 1, 0, 0, 0, 1, 500, TimeSpan.Zero) } })
        {
            var wanted = CatalogTables.Texts(generated.Folder.FindOrphans(kind, filter, default), generated.Folder).ToList();
            Assert.NotEmpty(wanted);
            Assert.Equal(wanted, CatalogTables.Texts(cluster.FindOrphans(kind, filter, default), cluster));
            var days = CatalogTables.Texts(generated.Folder.CountOrphansPerDay(kind, filter, default), generated.Folder);
            Assert.Equal(days, CatalogTables.Texts(cluster.CountOrphansPerDay(kind, filter, default), cluster));
        }

        Assert.Equal(generated.Folder.CountUnread(default), cluster.CountUnread(default));
        Assert.True(cluster.CountUnread(default) > 0);
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData(true)]
    [InlineData(false)]
    public void What_roots_lead_to_is_the_same_with_its_steps(bool? isReachable)
    {
        var cluster = generated.OnCluster(servers);
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var wanted = generated.Folder.Reach(now, null, default);
        using var actual = cluster.Reach(now, null, default);
        Assert.Equal((wanted.Count, wanted.Levels), (actual.Count, actual.Levels));
        Assert.InRange(wanted.Count, 100, generated.Answers.Paths - 100);
        Assert.Equal(Found(generated.Folder, new NarInfoFilter { IsReachable = isReachable, Reachability = wanted }), Found(cluster, new NarInfoFilter { IsReachable = isReachable, Reachability = actual }));
    }

    [SkippableFact]
    public void No_chain_of_references_is_too_long()
    {
        var cluster = generated.OnCluster(servers);
        using var reached = (ClusterReachability)cluster.Reach(DateTimeOffset.UtcNow, null, default);
        const int far = 1 << 17;
        cluster.Cluster.First.Execute(reached.Session.Expand($"INSERT INTO {{reached_shard}} (hash, depth) VALUES ('far', {far})"), default);
        cluster.Cluster.First.Execute(reached.Session.Expand($"INSERT INTO {{frontier_shard}} (round, hash) VALUES ({far}, 'far')"), default);
        Assert.Equal(1, cluster.Cluster.First.QueryNumber(reached.Session.Expand($"SELECT count() FROM {{reached_shard}} WHERE depth = {far}"), default));
        Assert.Equal(1, cluster.Cluster.First.QueryNumber(reached.Session.Expand($"SELECT count() FROM {{frontier_shard}} WHERE round = {far}"), default));
    }

    [SkippableFact]
    public void Wrong_sql_is_an_error_that_says_so()
    {
        var error = Assert.Throws<ClickHouseException>(() => generated.OnCluster(servers).Find(new NarInfoFilter { Sql = "size > 5" }, default).Count());
        Assert.Equal("CatalogQueryInvalid", error.ErrorId);
        Assert.Contains("size", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("9223372036854775807", "'nar/' || i", "CatalogSizesTooLarge")]
    [InlineData("4611686018427387904", "'nar/' || i", "CatalogSizesTooLarge")]
    [InlineData("3074457345618258602", "'nar/' || i", null)]
    [InlineData("7", "NULL", null)]
    [InlineData("NULL::BIGINT", "'nar/same'", null)]
    public void Sizes_and_addresses_that_cannot_be_are_measured_alike(string size, string url, string? errorId)
    {
        using var directory = new TemporaryDirectory();
        using var writer = CatalogWriter.Open(directory / "made", new CatalogManifest());
        var folder = writer.Add(CatalogTable.NarInfos, $"SELECT lpad(i::VARCHAR, 32, '0') AS hash, 'x' AS pname, {url} AS url, {size} AS file_size, 5 AS nar_size FROM generate_series(1, 3) t(i)").ToCatalog();
        var address = servers.NewDatabase();
        CatalogCopy.From(folder).ToCluster(address, false, default);
        using var cluster = ClusterCatalog.Open(address);
        var answers = new ICatalog[] { folder, cluster }.Select(catalog => Answer(catalog)).ToList();
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(errorId is null, answers[0] != errorId);

        static string Answer(ICatalog catalog)
        {
            try
            {
                return string.Join('\n', CatalogTables.Texts(catalog.Measure(BinaryCacheGrouping.None, new MeasureOptions { Prices = PriceListFile.Default, Moment = DateTimeOffset.UnixEpoch }, default), catalog));
            }
            catch (NixStoreException error)
            {
                return error.ErrorId;
            }
        }
    }

    [SkippableFact]
    public void Nothing_is_left_on_the_shards_by_questions()
    {
        var cluster = generated.OnCluster(servers);
        using (cluster.Reach(DateTimeOffset.UtcNow, null, default))
        {
            Assert.NotEmpty(Work());
        }

        _ = cluster.FindOrphans(BinaryCacheOrphanKind.DanglingReference, new OrphanFilter(), default).Count();
        Assert.Empty(Work());

        IEnumerable<long> Work() => cluster.Cluster.Shards.Select(shard => shard.QueryNumber($"SELECT count() FROM system.tables WHERE database = '{cluster.Cluster.Address.Database}' AND startsWith(name, 'work_')", default))
            .Where(count => count > 0);
    }

    private static readonly NarInfoFilter[] Filters =
    [
        new() { PackageNames = ["python3*", "git"] },
        new() { Versions = ["[2-4].*"] },
        new() { Versions = ["[!2-4].*", "2"] },
        new() { Systems = ["*-darwin"] },
        new() { Systems = ["aarch64-linux", "x86_64-darwin"] },
        new() { MinimumSize = 100_000 },
        new() { MaximumSize = 1000 },
        new() { Before = new DateTimeOffset(2020, 6, 1, 2, 0, 0, TimeSpan.FromHours(2)) },
        new() { After = new DateTimeOffset(2020, 6, 1, 0, 0, 0, 0, 500, TimeSpan.Zero), Before = new DateTimeOffset(2021, 6, 1, 0, 0, 0, TimeSpan.Zero) },
        new() { Names = ["source-?a*"], MinimumSize = 500 },
        new() { Names = ["%", "a_b", "it's", "\\*", "[", "[a", "`[x", "{narinfos}", "nixos-`*"] },
        new() { Names = ["*[a-c]-*", "*[!a-z0-9.-]*"] },
        new() { Names = ["*[!a-z0-9.+-.]*", "*[z-a]*", "*[]", "*[.]3*"] },
        new() { Names = ["*[!z-a][h-k]*", "p*`-2*"] },
        new() { IsOrphan = true },
        new() { IsOrphan = true, Names = ["nixos-*"] },
        new() { FixedOutput = true, MinimumSize = 10_000 },
        new() { Sql = "pname LIKE 'nixos-%.iso' OR pname LIKE 'nixos-%.img' OR pname LIKE 'nixos-amazon-image-%' -- the seed's" },
        new() { Sql = "package_name(pname) = 'nixos-minimal' OR starts_with(pname, 'nixos-plasma') OR false" },
        new() { Sql = "is_fixed_output(ca) AND contains(pname, 'a') AND nar_size > 1000" },
        new() { Sql = "length(\"references\") > 10 AND deriver IS NOT NULL" },
    ];

    private static List<string> Found(ICatalog catalog, NarInfoFilter filter)
        => [.. CatalogTables.Texts(catalog.Find(filter, default).OrderBy(path => path.HashPart, StringComparer.Ordinal), catalog)];

    public sealed class Generated() : GeneratedCatalog(20_000);
}
