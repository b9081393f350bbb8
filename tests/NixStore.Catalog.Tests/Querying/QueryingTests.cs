using NixStore.Bench.Catalogs;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Querying;

/// <summary>Questions to a generated catalog, whose answers the generator has counted.</summary>
public sealed class QueryingTests : IClassFixture<QueryingTests.Generated>
{
    private readonly CacheCatalog _catalog;
    private readonly GeneratorAnswers _answers;

    public QueryingTests(Generated generated) => (_catalog, _answers) = (generated.Catalog, generated.Answers);

    [Fact]
    public void All_are_found()
    {
        var all = Find(new NarInfoFilter());
        Assert.Equal(_answers.Paths, all.Count);
        Assert.Equal(_answers.References, all.Sum(path => path.References.Count));
        Assert.Equal(_answers.NarSize, all.Sum(path => path.NarSize));
        Assert.Equal(all.Count, all.Select(path => path.HashPart).Distinct().Count());
        Assert.All(all, path => Assert.True(StorePath.TryParse($"{path.HashPart}-{path.Name}", out _)));
    }

    [Fact]
    public void The_images_of_the_question_are_found_by_its_patterns()
    {
        var images = Find(new NarInfoFilter { Names = ["nixos-*.iso", "nixos-*.img", "nixos-amazon-image-*"] });
        Assert.True(_answers.Images > 0);
        Assert.Equal(_answers.Images, images.Count);
        Assert.Equal<long?>(_answers.ImageSize, images.Sum(path => path.FileSize));
        var sql = Find(new NarInfoFilter { Sql = "pname LIKE 'nixos-%.iso' OR pname LIKE 'nixos-%.img' OR pname LIKE 'nixos-amazon-image-%' -- the seed's" });
        Assert.Equal(images.Select(path => path.Path).Order(), sql.Select(path => path.Path).Order());
    }

    [Fact]
    public void Each_filter_keeps_what_it_says()
    {
        var all = Find(new NarInfoFilter());
        Check(new NarInfoFilter { FixedOutput = true }, path => path.ContentAddress is not null);
        Assert.Equal(_answers.FixedOutputs, Find(new NarInfoFilter { FixedOutput = true }).Count);
        var package = all.First(path => path.Version.Length > 0).PackageName;
        Check(new NarInfoFilter { PackageNames = [package] }, path => path.PackageName == package);
        Check(new NarInfoFilter { PackageNames = ["python3*"] }, path => path.PackageName.StartsWith("python3", StringComparison.Ordinal));
        var version = all.First(path => path.Version.Length > 0).Version;
        Check(new NarInfoFilter { Versions = [version] }, path => path.Version == version);
        Check(new NarInfoFilter { Versions = ["[2-4].*"] }, path => path.Version is ['2' or '3' or '4', '.', ..]);
        Check(new NarInfoFilter { Systems = ["*-darwin"] }, path => path.System?.EndsWith("-darwin", StringComparison.Ordinal) == true);
        Check(new NarInfoFilter { Systems = ["aarch64-linux", "x86_64-darwin"] }, path => path.System is "aarch64-linux" or "x86_64-darwin");
        Check(new NarInfoFilter { MinimumSize = 100_000 }, path => path.FileSize >= 100_000);
        Check(new NarInfoFilter { MaximumSize = 1000 }, path => path.FileSize <= 1000);
        var moment = new DateTimeOffset(2020, 6, 1, 2, 0, 0, TimeSpan.FromHours(2));
        Check(new NarInfoFilter { Before = moment }, path => path.LastModified < moment);
        Check(new NarInfoFilter { After = moment, Before = moment.AddYears(1) }, path => path.LastModified >= moment && path.LastModified < moment.AddYears(1));
        var hashes = all.Take(3).Select(path => path.HashPart).ToList();
        Check(new NarInfoFilter { HashParts = hashes }, path => hashes.Contains(path.HashPart));
        Check(new NarInfoFilter { Names = ["source-?a*"], MinimumSize = 500 }, path => path.Name.StartsWith("source-", StringComparison.Ordinal) && path.Name[8] == 'a' && path.FileSize >= 500);
        Check(new NarInfoFilter { Names = ["%", "a_b", "it's", "\\*"] }, _ => false);

        void Check(NarInfoFilter filter, Func<BinaryCacheCatalogPath, bool> condition)
        {
            var wanted = all.Where(condition).Select(path => path.Path).Order().ToList();
            Assert.Equal(wanted, Find(filter).Select(path => path.Path).Order());
            Assert.True(wanted.Count < all.Count);
        }
    }

    [Fact]
    public void Wrong_sql_is_an_error_that_says_so()
    {
        var error = Assert.Throws<DuckException>(() => Find(new NarInfoFilter { Sql = "size > 5" }));
        Assert.Equal("CatalogQueryInvalid", error.ErrorId);
        Assert.Contains("size", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_rows_do_not_wait_for_the_last()
        => Assert.Equal(3, NarInfoSearch.Find(_catalog, new NarInfoFilter()).Take(3).Count());

    [Fact]
    public void The_whole_is_measured_with_each_nar_once()
    {
        var measure = Assert.Single(BothEngines.Measure(_catalog, BinaryCacheGrouping.None));
        Assert.Equal<(long?, long?, long?, long?)>((_answers.Paths, _answers.Nars, _answers.FileSize, _answers.NarSize), (measure.PathCount, measure.NarCount, measure.FileSize, measure.NarSize));
        Assert.True(_answers.Nars < _answers.Paths);
    }

    [Theory]
    [InlineData(BinaryCacheGrouping.Month)]
    [InlineData(BinaryCacheGrouping.PackageName)]
    [InlineData(BinaryCacheGrouping.System)]
    [InlineData(BinaryCacheGrouping.Compression)]
    public void Groups_add_up_to_the_whole_and_are_what_they_say(BinaryCacheGrouping by)
    {
        var groups = BothEngines.Measure(_catalog, by);
        Assert.Equal<long?>(_answers.Paths, groups.Sum(group => group.PathCount));
        Assert.Equal<long?>(_answers.Nars, groups.Sum(group => group.NarCount));
        Assert.Equal<long?>(_answers.FileSize, groups.Sum(group => group.FileSize));
        Assert.Equal<long?>(_answers.NarSize, groups.Sum(group => group.NarSize));
        var wanted = Find(new NarInfoFilter()).GroupBy(path => by switch
        {
            BinaryCacheGrouping.Month => path.LastModified!.Value.ToString("yyyy-MM"),
            BinaryCacheGrouping.PackageName => path.PackageName,
            BinaryCacheGrouping.System => path.System ?? "",
            _ => path.Compression,
        }).ToDictionary(group => group.Key, group => (long?)group.LongCount());
        Assert.Equal(wanted.OrderBy(group => group.Key, StringComparer.Ordinal), groups.ToDictionary(group => group.Group, group => group.PathCount).OrderBy(group => group.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Objects_are_measured_by_class_and_kind()
    {
        var kinds = BothEngines.Measure(_catalog, BinaryCacheGrouping.Kind).ToDictionary(group => group.Group);
        Assert.Equal<long?>(_answers.Paths, kinds["NarInfo"].ObjectCount);
        Assert.Equal<(long?, long?)>((_answers.Nars, _answers.FileSize), (kinds["Nar"].ObjectCount, kinds["Nar"].ObjectSize));
        var classes = BothEngines.Measure(_catalog, BinaryCacheGrouping.StorageClass);
        Assert.Equal(["STANDARD", "STANDARD_IA"], classes.Select(group => group.Group).Order());
        Assert.Equal(kinds.Values.Sum(group => group.ObjectSize), classes.Sum(group => group.ObjectSize));
    }

    [Fact]
    public void What_the_generator_writes_as_inventories_comes_back_the_same()
    {
        using var directory = new TemporaryDirectory();
        var contents = new List<string>();
        foreach (var format in new[] { "csv", "parquet" })
        {
            using var writer = CatalogWriter.Open(directory / format, new CatalogManifest());
            NixStore.Catalog.Inventories.InventoryImport.Find(Path.Combine(Generated.Inventory, "cache", format))[0].Run(writer);
            using var rows = writer.Session.Query("SELECT md5(string_agg(concat_ws('|', key, size, last_modified_date, e_tag, storage_class), ',' ORDER BY key)) FROM objects");
            Assert.True(rows.Read());
            contents.Add(rows.GetText(0));
        }

        Assert.Equal(contents[0], contents[1]);
    }

    private List<BinaryCacheCatalogPath> Find(NarInfoFilter filter) => BothEngines.Find(_catalog, filter);

    public sealed class Generated : IDisposable
    {
        private static readonly TemporaryDirectory s_inventory = new();
        private readonly TemporaryDirectory _directory = new();

        public Generated()
        {
            var generator = new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 20_000, Rebuild = 1000, PartSize = 6000, Objects = true, Signatures = true, Inventory = Inventory }));
            generator.Write(_directory / "cache.catalog");
            Answers = generator.Answers;
            Catalog = CacheCatalog.Open(_directory / "cache.catalog");
        }

        public static string Inventory => s_inventory / "inventory";

        public CacheCatalog Catalog { get; }

        public GeneratorAnswers Answers { get; }

        public void Dispose()
        {
            s_inventory.Dispose();
            _directory.Dispose();
        }
    }
}
