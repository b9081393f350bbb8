using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;
using NixStore.Catalog.Tests.Graph;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Roots;

public sealed class RootReachabilityTests : IDisposable
{
    /// <summary>What SQL alone says of roots and references, with the moment as its parameter.</summary>
    private const string Oracle = """
        WITH RECURSIVE valid AS (SELECT * FROM roots WHERE coalesce(expires_at > $1, true)),
        reached(hash, depth) AS (
            SELECT hash, 0 FROM narinfos n WHERE n.hash IN (SELECT hash FROM valid WHERE hash IS NOT NULL)
                OR EXISTS (SELECT 1 FROM valid v WHERE v.kind = 'Age' AND (n.last_modified_at IS NULL OR n.last_modified_at + to_seconds(v.maximum_age) >= $1))
            UNION
            SELECT n.hash, r.depth + 1 FROM reached r JOIN narinfos f ON f.hash = r.hash, unnest(f."references") AS u(reference) JOIN narinfos n ON n.hash = u.reference
            WHERE r.depth < 40)
        SELECT hash || ' ' || min(depth) FROM reached GROUP BY hash ORDER BY hash
        """;

    private readonly RootLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_the_roots_lead_to_is_what_a_recursive_query_finds(int seed)
    {
        var (random, narinfos) = (new Random(seed), RandomNarinfos.Make(seed, 2000));
        _lab.AddNarInfos(narinfos.Hashes.Order(StringComparer.Ordinal).Select(hash => (hash, narinfos.RowOf(hash).ToArray(), $"nar/{hash}",
            random.Next(20) == 0 ? null : $"2026-0{random.Next(1, 6)}-1{random.Next(10)} 00:00:00")));
        foreach (var origin in Enumerable.Range(0, 4))
        {
            var paths = narinfos.Hashes.Where(_ => random.Next(400) == 0).Append(RandomNarinfos.RandomHash(random)).Select(hash => StorePath.FromParts(hash, "x"));
            _lab.Add(new RootList(BinaryCacheRootKind.Channel, $"channel-{origin}", [.. paths]), origin == 0 ? RootLab.Now.AddSeconds(-1) : origin == 1 ? RootLab.Now.AddDays(1) : null);
        }

        if (seed == 3)
        {
            _lab.Add(AgeRoots.From(TimeSpan.FromDays(17))).Add(AgeRoots.From(TimeSpan.FromDays(400)), RootLab.Now);
        }

        var catalog = _lab.Catalog;
        using var session = catalog.OpenSession();
        var expected = Read(session, Oracle, RootLab.Now);
        using var reachability = RootReachability.Open(catalog, RootLab.Now);

        var reached = Find(catalog, new NarInfoFilter { IsReachable = true, Reachability = reachability });
        var unreached = Find(catalog, new NarInfoFilter { IsReachable = false, Reachability = reachability });
        Assert.InRange(expected.Count, 100, 1990);
        Assert.Equal(expected, reached.Select(path => $"{path.HashPart} {path.Depth}").Order(StringComparer.Ordinal));
        Assert.Equal(expected.Count, reachability.Count);
        Assert.All(unreached, path => Assert.Null(path.Depth));
        Assert.Equal(narinfos.Hashes.Order(StringComparer.Ordinal), reached.Concat(unreached).Select(path => path.HashPart).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_path_that_only_a_deriver_names_is_not_reached()
    {
        _lab.AddNarInfos(("a", ["a", "b", "lst"], "nar/a", null), ("b", [], "nar/b", null), ("drv", [], "nar/d", null)).AddPaths("x", "a");
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            var step = writer.BeginStep();
            step.Write(CatalogTable.NarInfos, $"SELECT * REPLACE ('{RootLab.Hash("drv")}-x.drv' AS deriver) FROM narinfos ORDER BY hash");
            step.Drop(CatalogTable.NarInfos, part => part.Name.StartsWith("000001", StringComparison.Ordinal));
            step.Commit();
        }

        BothEngines.Ask(_lab.Catalog, Reach);
        using var reachability = RootReachability.Open(_lab.Catalog, RootLab.Now);
        Assert.Equal([0, 1, -1], new[] { "a", "b", "drv" }.Select(name => reachability.DepthOf(RootLab.Hash(name))));
    }

    [Fact]
    public void Without_roots_nothing_is_said_to_be_unreachable()
    {
        _lab.AddNarInfos(("a", [], "nar/a", "2020-01-01 00:00:00"));
        Assert.Contains("has no roots", Error(), StringComparison.Ordinal);
        _lab.Add(new RootList(BinaryCacheRootKind.Pin, "pin", [RootLab.Path("a")]), RootLab.Now);
        Assert.Contains("have expired", Error(), StringComparison.Ordinal);
        _lab.AddPaths("foreign", "zzz").Add(AgeRoots.From(TimeSpan.FromDays(1)));
        Assert.Contains("no narinfo of any", Error(), StringComparison.Ordinal);

        string Error()
        {
            var error = Assert.Throws<NixStoreException>(() => BothEngines.Ask(_lab.Catalog, Reach));
            Assert.Equal("CatalogHasNoRoots", error.ErrorId);
            Assert.Contains("Add-BinaryCacheRoot", error.Remedy, StringComparison.Ordinal);
            return error.Message;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_shared_nar_counts_where_it_is_kept(bool isSharedKnown)
    {
        // The one with the least hash is not reached: without roots it is the one that counts.
        _lab.AddNarInfos(("a", [], "nar/s", null), ("b", [], "nar/s", null), ("c", ["b"], "nar/c", null), ("d", [], "nar/t", null), ("g", [], "nar/t", null), ("f", [], "nar/c", null)).AddPaths("x", "c");
        if (isSharedKnown)
        {
            using var writer = CatalogWriter.Open(_lab.Folder);
            SharedNars.Refresh(writer, CancellationToken.None);
        }

        var groups = BothEngines.Measure(_lab.Catalog, BinaryCacheGrouping.Reachability).ToDictionary(item => item.Group, item => (item.PathCount, item.NarCount, item.FileSize));

        Assert.Equal((1L, 1L, 10L), groups["Root"]);
        Assert.Equal((1L, 1L, 10L), groups["Reachable"]);
        Assert.Equal((4L, 1L, 10L), groups["Unreachable"]);
        Assert.Equal(3, Assert.Single(BothEngines.Measure(_lab.Catalog, BinaryCacheGrouping.None)).NarCount);
    }

    [Fact]
    public void Orphans_are_those_that_Hydra_does_not_know()
    {
        _lab.AddNarInfos(("a", [], "nar/a", null), ("b", ["a"], "nar/b", null));
        Assert.Equal("CatalogTableEmpty", Assert.Throws<NixStoreException>(() => Find(_lab.Catalog, new NarInfoFilter { IsOrphan = true })).ErrorId);
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            writer.Add(CatalogTable.Hydra, $"SELECT '{RootLab.Hash("a")}' AS hash, 'x' AS pname");
        }

        Assert.Equal("package-b", Assert.Single(Find(_lab.Catalog, new NarInfoFilter { IsOrphan = true })).Name);
        Assert.Empty(Find(_lab.Catalog, new NarInfoFilter { IsOrphan = true, Names = ["*-a"], Sql = "true -- comment" }));
    }

    private static List<BinaryCacheCatalogPath> Find(CacheCatalog catalog, NarInfoFilter filter) => BothEngines.Find(catalog, filter, RootLab.Now);

    private static IEnumerable<(long Count, int Levels)> Reach(ICatalog catalog)
    {
        using var reached = catalog.Reach(RootLab.Now, null, default);
        return [(reached.Count, reached.Levels)];
    }

    private static List<string> Read(DuckSession session, string sql, DateTimeOffset now)
    {
        using var rows = session.Query(sql, CancellationToken.None, now);
        var texts = new List<string>();
        while (rows.Read())
        {
            texts.Add(rows.GetText(0));
        }

        return texts;
    }
}
