using NixStore.Catalog.Orphans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Orphans;

public sealed class OrphanSearchTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void FindsEachKind()
    {
        var catalog = Sample();
        Assert.Equal(Enum.GetValues<BinaryCacheOrphanKind>(), OrphanSearch.KindsOf(catalog));

        // 'v' was listed, but not read.
        var unknown = Find(catalog, BinaryCacheOrphanKind.UnknownToHydra);
        Assert.Equal([$"{CatalogRows.Hash("b")}.narinfo", $"{CatalogRows.Hash("v")}.narinfo"], unknown.Select(orphan => orphan.Key));
        Assert.Equal($"/nix/store/{CatalogRows.Hash("b")}-package-b", unknown[0].Path);
        Assert.Equal((10L, new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), (unknown[0].Size, unknown[0].LastModified));
        Assert.Null(unknown[1].Path);

        var nars = Find(catalog, BinaryCacheOrphanKind.NarWithoutNarInfo);
        Assert.Equal(["nar/lost.nar.xz"], nars.Select(orphan => orphan.Key));
        Assert.Equal((null, 10L), (nars[0].HashPart, nars[0].Size));
        Assert.Equal(1, Assert.Single(BothEngines.Ask(catalog, asked => new[] { asked.CountUnread(default) })));

        var narInfos = Find(catalog, BinaryCacheOrphanKind.NarInfoWithoutNar);
        Assert.Equal(["nar/gone.nar.xz"], narInfos.Single().Missing);

        // What was listed and could not be read is there.
        var dangling = Find(catalog, BinaryCacheOrphanKind.DanglingReference);
        Assert.Equal([CatalogRows.Hash("x"), CatalogRows.Hash("y")], dangling.Single().Missing);
        Assert.Equal(CatalogRows.Hash("c"), dangling.Single().HashPart);
    }

    [Fact]
    public void CountsPerDay()
    {
        var catalog = Sample();
        var days = CountPerDay(catalog, BinaryCacheOrphanKind.UnknownToHydra, new());
        Assert.Equal([(new DateOnly(2026, 1, 1), 1L, 0L), (new DateOnly(2026, 1, 2), 2, 1), (new DateOnly(2026, 1, 3), 1, 1)], days.Select(day => (day.Day!.Value, day.Count, day.OrphanCount)));
        Assert.Equal(50.0, days[1].OrphanPercent);
        Assert.Equal([(1L, 0L), (1, 1)], CountPerDay(catalog, BinaryCacheOrphanKind.NarWithoutNarInfo, new()).Select(day => (day.Count, day.OrphanCount)));
    }

    [Fact]
    public void FiltersByTime()
    {
        var catalog = Sample();
        var filter = new OrphanFilter { After = new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero) };
        Assert.Equal(CatalogRows.Hash("v"), Find(catalog, BinaryCacheOrphanKind.UnknownToHydra, filter).Single().HashPart);
        Assert.Single(CountPerDay(catalog, BinaryCacheOrphanKind.UnknownToHydra, filter));
        filter = new OrphanFilter { Before = new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero) };
        Assert.Equal(CatalogRows.Hash("b"), Find(catalog, BinaryCacheOrphanKind.UnknownToHydra, filter).Single().HashPart);
    }

    [Theory]
    [InlineData("infinity")]
    [InlineData("-infinity")]
    [InlineData("123456-01-01")]
    public void WhatWasWrittenAtNoTimeThatThereCanBeHasNone(string time)
    {
        using var writer = New("timeless");
        var catalog = writer.AddNarInfos(("a", "nar/a.nar.xz", ["lost"], time)).ToCatalog();
        Assert.Null(Find(catalog, BinaryCacheOrphanKind.DanglingReference).Single().LastModified);
        var day = Assert.Single(CountPerDay(catalog, BinaryCacheOrphanKind.DanglingReference, new OrphanFilter()));
        Assert.Equal((null, 1L), (day.Day, day.OrphanCount));
    }

    [Fact]
    public void SaysWhatIsMissing()
    {
        CacheCatalog catalog;
        using (var writer = New("empty"))
        {
            catalog = writer.AddNarInfos(("a", "nar/a.nar.xz", [], "2026-01-01")).ToCatalog();
        }

        Assert.Equal([BinaryCacheOrphanKind.DanglingReference], OrphanSearch.KindsOf(catalog));
        foreach (var kind in Enum.GetValues<BinaryCacheOrphanKind>().Where(kind => kind != BinaryCacheOrphanKind.DanglingReference))
        {
            Assert.Equal("CatalogTableEmpty", Assert.Throws<NixStoreException>(() => Find(catalog, kind)).ErrorId);
        }
    }

    [Fact]
    public void CountsNarInfosWithoutAListingToo()
    {
        using var writer = New("dataset");
        writer.AddNarInfos(("a", "nar/a.nar.xz", [], "2026-01-01"), ("b", "nar/a.nar.xz", [], "2026-01-01"))
            .Add(CatalogTable.Hydra, $"SELECT '{CatalogRows.Hash("a")}' AS hash, 1 AS build");
        Assert.Equal(CatalogRows.Hash("b"), Find(writer.ToCatalog(), BinaryCacheOrphanKind.UnknownToHydra).Single().HashPart);
    }

    [Fact]
    public void DeletedVersionsAreNotThere()
    {
        using var writer = New("versions");
        writer.AddNarInfos(("a", "nar/a.nar.xz", [], "2026-01-01"))
            .Add(CatalogTable.Objects, "SELECT 'nar/a.nar.xz' AS key, true AS is_latest, true AS is_delete_marker UNION ALL SELECT 'nar/a.nar.xz', false, false");
        Assert.Single(Find(writer.ToCatalog(), BinaryCacheOrphanKind.NarInfoWithoutNar));
        Assert.Empty(Find(writer.ToCatalog(), BinaryCacheOrphanKind.NarWithoutNarInfo));
    }

    /// <summary>The same in one piece and in 32 ranges of hashes.</summary>
    [Fact]
    public void RangesOfHashesCoverAllOfThem()
    {
        const string digits = "0123456789abcdfghijklmnpqrsvwxyz";
        var ranges = HashRange.For(HashRange.RowsAtOnce + 1);
        Assert.Equal(32, ranges.Count);
        Assert.Single(HashRange.For(HashRange.RowsAtOnce));
        using var writer = New("ranges");
        foreach (var first in digits)
        {
            foreach (var second in "0z")
            {
                var hash = $"{first}{second}".PadRight(32, second);
                Assert.Equal(1, ranges.Sum(range => writer.Session.QueryNumber($"SELECT CAST({range.Condition($"'{hash}'")} AS INTEGER)")));
            }
        }
    }

    private static List<BinaryCacheOrphan> Find(CacheCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter? filter = null)
        => BothEngines.Ask(catalog, asked => asked.FindOrphans(kind, filter ?? new(), default));

    private static List<BinaryCacheOrphanDay> CountPerDay(CacheCatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter)
        => BothEngines.Ask(catalog, asked => asked.CountOrphansPerDay(kind, filter, default));

    private CatalogWriter New(string name) => CatalogWriter.Open(_directory / name, new CatalogManifest());

    private CacheCatalog Sample()
    {
        using var writer = New("sample");
        return writer
            .AddNarInfos(
                ("a", "nar/a.nar.xz", ["a"], "2026-01-01"), ("b", "nar/a.nar.xz", ["a", "v"], "2026-01-02"), ("c", "nar/gone.nar.xz", ["y", "x", "a"], "2026-01-02"))
            .AddObjects(
                ($"{CatalogRows.Hash("a")}.narinfo", "2026-01-01"), ($"{CatalogRows.Hash("b")}.narinfo", "2026-01-02"), ($"{CatalogRows.Hash("c")}.narinfo", "2026-01-02"),
                ($"{CatalogRows.Hash("v")}.narinfo", "2026-01-03"), ("nar/a.nar.xz", "2026-01-01"), ("nar/lost.nar.xz", "2026-01-04"), ("log/x.drv", "2026-01-04"))
            .Add(CatalogTable.Hydra, $"SELECT '{CatalogRows.Hash("a")}' AS hash, 1 AS build UNION ALL SELECT '{CatalogRows.Hash("c")}', 2 UNION ALL SELECT '{CatalogRows.Hash("d")}', 3")
            .ToCatalog();
    }
}
