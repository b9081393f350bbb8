using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Roots;

public sealed class RootTableTests : IDisposable
{
    private readonly RootLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void An_origin_that_is_added_again_replaces_what_it_brought()
    {
        _lab.AddPaths("channel", "a", "b").AddPaths("other", "b").AddPaths("channel", "b", "c", "c");

        Assert.Equal(["channel: package-b", "channel: package-c", "other: package-b"], _lab.Names());
        var part = Assert.Single(_lab.Catalog.Manifest[CatalogTable.Roots].Parts);
        Assert.Equal(3, part.Rows);
    }

    [Fact]
    public void Rows_are_sorted_by_hash_and_rules_come_first()
    {
        _lab.AddPaths("z", "b", "a").AddPaths("y", "a").Add(AgeRoots.From(TimeSpan.FromDays(1)));

        using var session = _lab.Catalog.OpenSession();
        using var rows = session.Query("SELECT coalesce(hash[1], ''), origin, kind, maximum_age, added_at, expires_at FROM roots");
        var texts = new List<string>();
        while (rows.Read())
        {
            texts.Add($"{rows.GetText(0)} {rows.GetText(1)} {rows.GetText(2)} {rows.TryGetInt64(3)}");
            Assert.Equal((RootLab.Now, null), (rows.GetTime(4), rows.TryGetTime(5)));
        }

        Assert.Equal([" age<1d Age 86400", "a y StorePath ", "a z StorePath ", "b z StorePath "], texts);
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        using var other = new RootLab();
        foreach (var lab in new[] { _lab, other })
        {
            lab.AddPaths("channel", [.. Enumerable.Range(0, 5000).Select(number => $"{number % 977}x{number}")]).AddPaths("other", "b").Add(AgeRoots.From(TimeSpan.FromDays(1)), RootLab.Now.AddDays(1));
        }

        Assert.Equal(Contents(_lab), Contents(other));
    }

    [Fact]
    public void A_change_that_was_not_committed_has_changed_nothing()
    {
        _lab.AddPaths("channel", "a");
        var manifest = File.ReadAllText(Path.Combine(_lab.Folder, CatalogManifest.FileName));

        // As after a kill between the new file and the manifest.
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            var step = writer.BeginStep();
            step.Write(CatalogTable.Roots, "SELECT * FROM roots");
            step.Drop(CatalogTable.Roots, _ => true);
        }

        Assert.Equal(2, Directory.GetFiles(Path.Combine(_lab.Folder, "roots")).Length);
        Assert.Equal(["channel: package-a"], _lab.Names());
        Assert.Equal(manifest, File.ReadAllText(Path.Combine(_lab.Folder, CatalogManifest.FileName)));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => RootTable.Add(writer, [new RootList(BinaryCacheRootKind.Channel, "channel", [RootLab.Path("b")])], RootLab.Now, null, cancelled.Token));
        }

        Assert.Equal(["channel: package-a"], _lab.Names());
        Assert.Single(Directory.GetFiles(Path.Combine(_lab.Folder, "roots")));
    }

    [Fact]
    public void Roots_are_found_by_all_that_is_known_of_them()
    {
        _lab.AddNarInfos(("a", [], "nar/a", null), ("b", [], "nar/b", "2026-05-31 12:00:00"))
            .AddPaths("https://x/store-paths.xz?a[1]", "a", "c")
            .Add(new RootList(BinaryCacheRootKind.Pin, "pin", [RootLab.Path("b")]), RootLab.Now)
            .Add(new RootList(BinaryCacheRootKind.Pin, "later", [RootLab.Path("b")]), RootLab.Now.AddSeconds(1))
            .Add(AgeRoots.From(TimeSpan.FromDays(1)));

        Assert.Equal(["c"], Names(new RootFilter { Origins = ["*store-paths*"] }, root => root.IsInCache == false));
        Assert.Equal(["a", "c"], Names(new RootFilter { ExactOrigins = ["https://x/store-paths.xz?a[1]"] }));
        Assert.Equal(["a", "c"], Names(new RootFilter { Origins = ["https://x/store-paths.xz`?a`[1`]"] }));
        Assert.Empty(Names(new RootFilter { Origins = ["PIN"] }));
        Assert.Equal(["b"], Names(new RootFilter { IsExpired = true }));
        Assert.Equal(["b", "b"], Names(new RootFilter { Kinds = [BinaryCacheRootKind.Pin] }));
        Assert.Equal(["c"], Names(new RootFilter { HashParts = [RootLab.Hash("c")] }));
        var rule = Assert.Single(_lab.Find(new RootFilter { Kinds = [BinaryCacheRootKind.Age] }));
        Assert.Equal((null, null, null, TimeSpan.FromDays(1)), (rule.HashPart, rule.Path, rule.IsInCache, rule.MaximumAge));
        Assert.Equal([("age<1d", 1L), ("https://x/store-paths.xz?a[1]", 2L), ("later", 1L), ("pin", 1L)], RootSearch.Origins(_lab.Catalog));

        List<string> Names(RootFilter filter, Func<BinaryCacheRoot, bool>? condition = null) => [.. _lab.Find(filter).Where(condition ?? (_ => true)).Select(root => root.Name![^1..])];
    }

    [Fact]
    public void A_summary_counts_what_each_origin_keeps()
    {
        _lab.AddNarInfos(("a", [], "nar/a", null), ("b", [], "nar/b", "2026-05-31 12:00:00"), ("c", [], "nar/c", "2026-05-31 11:59:59"))
            .AddPaths("channel", "a", "x")
            .Add(new RootList(BinaryCacheRootKind.Pin, "pin", [RootLab.Path("b")]), RootLab.Now)
            .Add(AgeRoots.From(TimeSpan.FromDays(1)), RootLab.Now.AddDays(1));

        Assert.Equal([("age<1d", 2L, 2L, 0L, RootLab.Now.AddDays(1)), ("channel", 2L, 1L, 0L, (DateTimeOffset?)null), ("pin", 1L, 1L, 1L, RootLab.Now)],
            RootSearch.Summarize(_lab.Catalog, new RootFilter(), RootLab.Now).Select(item => (item.Origin, item.Count, item.InCacheCount, item.ExpiredCount, item.ExpiresAt)));
        Assert.Equal("pin", Assert.Single(RootSearch.Summarize(_lab.Catalog, new RootFilter { IsExpired = true }, RootLab.Now)).Origin);
    }

    [Fact]
    public void Only_the_roots_that_are_meant_are_removed()
    {
        _lab.AddPaths("one", "a", "b").AddPaths("two", "a").Add(AgeRoots.From(TimeSpan.FromDays(1)));
        var (first, rule) = (_lab.Find().Single(root => root is { Origin: "one", Name: "package-a" }), _lab.Find().Single(root => root.MaximumAge is not null));
        Remove(first, rule);
        Assert.Equal(["one: package-b", "two: package-a"], _lab.Names());

        // Whoever has added it anew meanwhile wants it.
        var seen = _lab.Find().Single(root => root.Origin == "two");
        _lab.Add(new RootList(BinaryCacheRootKind.StorePath, "two", [RootLab.Path("a")]), addedAt: RootLab.Now.AddSeconds(1));
        Remove(seen);
        Assert.Equal(["one: package-b", "two: package-a"], _lab.Names());
        Remove([.. _lab.Find()]);
        Assert.Empty(_lab.Names());
        Assert.Empty(_lab.Catalog.Manifest[CatalogTable.Roots].Parts);
    }

    private void Remove(params BinaryCacheRoot[] roots)
    {
        using var writer = CatalogWriter.Open(_lab.Folder);
        RootTable.Remove(writer, roots);
    }

    private static Dictionary<string, string> Contents(RootLab lab)
    {
        using (CatalogWriter.Open(lab.Folder))
        {
        }

        return Folders.Read(lab.Folder);
    }
}
