using NixStore.Bench.Catalogs;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Prices;

/// <summary>Costs that were computed by hand.</summary>
public sealed class CostTests : IDisposable
{
    private const long TiB = 1L << 40;
    private static readonly DateTimeOffset s_moment = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_cache_of_720_TiB_in_STANDARD()
    {
        // 720 objects of 1 TiB and 1,280 of nothing: 50 TiB * 0.023 + 450 TiB * 0.022 + 220 TiB * 0.021; two requests to list 2,000.
        var catalog = Objects("SELECT 'nar/' || i AS key, CASE WHEN i < 720 THEN 1099511627776 ELSE 0 END AS size, TIMESTAMP '2020-01-01' AS last_modified_date, 'STANDARD' AS storage_class FROM range(2000) t(i)");
        var measure = Assert.Single(Measure(catalog, BinaryCacheGrouping.StorageClass));
        Assert.Equal((720 * TiB, 16046.08m, 0m, 0.00001m, 0m), (measure.ObjectSize, measure.StorageCostPerMonth, measure.EarlyDeletionCost, measure.RequestCost, measure.ReadCost));
        Assert.Equal(("USD", BinaryCacheCostBasis.Objects), (measure.Currency, measure.CostBasis));
    }

    [Fact]
    public void Each_class_has_its_rules()
    {
        var hash = CatalogRows.Hash("a");
        var catalog = Objects($"""
            SELECT * FROM (VALUES
                -- 1 KiB that is billed as 128 KiB, 10 days before; 2^17 bytes at 0.0125 a GiB.
                ('nar/ia-small', 1024, TIMESTAMP '2026-01-21', 'STANDARD_IA', NULL),
                -- 1 GiB, older than the least number of days.
                ('nar/ia-old', 1073741824, TIMESTAMP '2025-01-01', 'STANDARD_IA', NULL),
                -- 10 GiB, 45 days old, of 90.
                ('nar/glacier', 10737418240, TIMESTAMP '2025-12-17', 'GLACIER_IR', NULL),
                -- Nobody knows when.
                ('nar/deep', 1073741824, NULL, 'DEEP_ARCHIVE', NULL),
                ('nar/tier-frequent', 1073741824, TIMESTAMP '2026-01-30', 'INTELLIGENT_TIERING', 'FREQUENT'),
                ('nar/tier-infrequent', 1073741824, TIMESTAMP '2026-01-30', 'INTELLIGENT_TIERING', 'INFREQUENT'),
                ('nar/tier-small', 1024, TIMESTAMP '2026-01-30', 'INTELLIGENT_TIERING', NULL),
                ('{hash}.narinfo', 1073741824, TIMESTAMP '2026-01-30', 'ONEZONE_IA', NULL),
                ('log/unsaid', 1073741824, TIMESTAMP '2026-01-30', NULL, NULL)
            ) t(key, size, last_modified_date, storage_class, intelligent_tiering_access_tier)
            """);
        var classes = Measure(catalog, BinaryCacheGrouping.StorageClass).ToDictionary(measure => measure.Group);

        // (2^17 + 2^30) / 2^30 * 0.0125; 20 of 30 days of 2^17 bytes.
        Check("STANDARD_IA", 0.012502m, 0.000001m);
        Check("GLACIER_IR", 0.04m, 0.06m);
        Check("DEEP_ARCHIVE", 0.00099m, 0);

        // 0.023 + 0.0125, two that are watched, and 1 KiB at 0.023 a GiB.
        Check("INTELLIGENT_TIERING", 0.035505m, 0);
        Check("", 0.023m, 0);

        // 29 of 30 days; a GET, and a GiB to retrieve.
        Check("ONEZONE_IA", 0.01m, 0.009667m);
        Assert.Equal(0.010001m, classes["ONEZONE_IA"].ReadCost);
        Assert.All(classes.Values, measure => Assert.Equal(0.000005m, measure.RequestCost));

        var kinds = Measure(catalog, BinaryCacheGrouping.Kind);
        Assert.Equal(classes.Values.Sum(measure => measure.StorageCostPerMonth)!.Value, kinds.Sum(measure => measure.StorageCostPerMonth)!.Value, 5);

        void Check(string name, decimal storage, decimal early)
            => Assert.Equal((storage, early), (decimal.Round(classes[name].StorageCostPerMonth!.Value, 6), decimal.Round(classes[name].EarlyDeletionCost!.Value, 6)));
    }

    [Fact]
    public void Groups_of_narinfos_cost_what_their_objects_do_each_NAR_once()
    {
        using (var writer = CatalogWriter.Open(_directory / "c", new CatalogManifest()))
        {
            writer.AddNarInfos(("a", "nar/1", [], "2026-01-01"), ("b", "nar/1", [], "2026-01-01"), ("c", "nar/2", [], "2026-01-01"), ("d", "nar/3", [], "2026-01-01"))
                .Add(CatalogTable.Objects, """
                    SELECT * FROM (VALUES ('nar/1', 1073741824, 'STANDARD_IA'), ('nar/2', 1073741824, NULL), ('nar/nobody', 1073741824, NULL)) t(key, size, storage_class)
                    """);
        }

        var catalog = CacheCatalog.Open(_directory / "c");
        var names = Measure(catalog, BinaryCacheGrouping.PackageName).ToDictionary(measure => measure.Group);

        // 'a' has the NAR that 'b' names too; that of 'd' is gone.
        Assert.Equal((0.0125m, 0m, 0.023m, 0m), (Storage("a"), Storage("b"), Storage("c"), Storage("d")));
        var all = Assert.Single(Measure(catalog, BinaryCacheGrouping.None));

        // Seven objects to list, four narinfos to read.
        Assert.Equal((0.0355m, 0.000005m, 0.000002m), (all.StorageCostPerMonth, all.RequestCost, all.ReadCost));
        Assert.Equal(BinaryCacheCostBasis.Objects, all.CostBasis);

        decimal? Storage(string name) => names[$"package-{name}"].StorageCostPerMonth;
    }

    [Fact]
    public void Without_objects_the_narinfos_say_how_large_NARs_are()
    {
        using (var writer = CatalogWriter.Open(_directory / "c", new CatalogManifest()))
        {
            writer.Add(CatalogTable.NarInfos, $"SELECT lpad(i::VARCHAR, 32, '0') AS hash, 'p-' || i AS pname, 'nar/' || (i // 2) AS url, {TiB} AS file_size, {TiB} AS nar_size FROM range(200) t(i)");
        }

        // 100 NARs of 1 TiB: 50 * 1024 * 0.023 + 50 * 1024 * 0.022.
        var measure = Assert.Single(Measure(CacheCatalog.Open(_directory / "c"), BinaryCacheGrouping.None));
        Assert.Equal((2304m, BinaryCacheCostBasis.NarInfos), (measure.StorageCostPerMonth, measure.CostBasis));
    }

    [Fact]
    public void Groups_add_up_to_the_whole()
    {
        var generator = new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 2000, Rebuild = 500, PartSize = 1000, Objects = true }));
        generator.Write(_directory / "c");
        var catalog = CacheCatalog.Open(_directory / "c");
        var whole = Assert.Single(Measure(catalog, BinaryCacheGrouping.None)).StorageCostPerMonth!.Value;
        Assert.True(whole > 0);
        foreach (var by in new[] { BinaryCacheGrouping.Month, BinaryCacheGrouping.System, BinaryCacheGrouping.Compression, BinaryCacheGrouping.PackageName })
        {
            var groups = Measure(catalog, by);
            Assert.InRange(groups.Sum(group => group.StorageCostPerMonth)!.Value, whole - (0.000001m * groups.Count), whole + (0.000001m * groups.Count));
        }

        var nars = Measure(catalog, BinaryCacheGrouping.Kind).Single(group => group.Group == "Nar");
        Assert.InRange(nars.StorageCostPerMonth!.Value, whole - 0.00001m, whole + 0.00001m);
    }

    [Fact]
    public void A_class_that_the_list_does_not_have_is_an_error()
    {
        var catalog = Objects("SELECT 'nar/x' AS key, 5 AS size, 'EXPRESS_ONEZONE' AS storage_class");
        var error = Assert.Throws<NixStoreException>(() => Measure(catalog, BinaryCacheGrouping.None));
        Assert.Equal("PriceMissing", error.ErrorId);
        Assert.Contains("EXPRESS_ONEZONE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_list_nothing_costs_anything()
    {
        var measure = Assert.Single(BothEngines.Measure(Objects("SELECT 'nar/x' AS key, 5 AS size"), BinaryCacheGrouping.StorageClass));
        Assert.Equal((null, null, null, null, null, null),
            (measure.StorageCostPerMonth, measure.EarlyDeletionCost, measure.RequestCost, measure.ReadCost, measure.Currency, measure.CostBasis));
    }

    private static List<BinaryCacheMeasure> Measure(CacheCatalog catalog, BinaryCacheGrouping by) => BothEngines.Measure(catalog, by, new MeasureOptions { Prices = PriceListFile.Default, Moment = s_moment });

    private CacheCatalog Objects(string select)
    {
        using (var writer = CatalogWriter.Open(_directory / "objects", new CatalogManifest()))
        {
            writer.Add(CatalogTable.Objects, select);
        }

        return CacheCatalog.Open(_directory / "objects");
    }
}
