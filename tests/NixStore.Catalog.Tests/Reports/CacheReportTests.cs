using System.Text.Json;
using System.Text.RegularExpressions;
using NixStore.Bench.Catalogs;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Reports;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Reports;

public sealed class CacheReportTests : IClassFixture<CacheReportTests.Sample>
{
    private const string Hostile = "</script><img src=x onerror=alert(1)>";
    private const long HostileSize = 1_500_000_000;
    private static readonly DateTimeOffset s_made = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly Sample _sample;

    public CacheReportTests(Sample sample) => _sample = sample;

    [Fact]
    public void The_same_catalog_gives_the_same_bytes()
    {
        var options = new ReportOptions { Prices = PriceListFile.Default, Made = s_made };
        CacheReport.Write(_sample.Catalog, _sample.Directory / "1.html", options);
        CacheReport.Write(_sample.Catalog, _sample.Directory / "2.html", options);
        CacheReport.Write(_sample.Catalog, _sample.Directory / "3.html", options with { Made = s_made.AddYears(1) });
        var text = File.ReadAllText(_sample.Directory / "1.html");
        Assert.Equal(text, File.ReadAllText(_sample.Directory / "2.html"));
        Assert.Equal(text, File.ReadAllText(_sample.Directory / "3.html").Replace("2027-02-01T12:00:00", "2026-02-01T12:00:00", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(_sample.Directory.Path, ".nixstore-*"));
        Assert.InRange(text.Length, 500_000, 2_000_000);
    }

    [Fact]
    public void What_is_hostile_stays_data()
    {
        var page = Page(new ReportOptions { Made = s_made, Title = Hostile });
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("<title>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</title>", page, StringComparison.Ordinal);
        Assert.Equal(5, Regex.Count(page, "</script>"));
        var data = Data(page);
        Assert.Contains(Hostile, data.GetProperty("names").EnumerateArray().Select(name => name.GetProperty("name").GetString()));
        Assert.Equal(Hostile, data.GetProperty("findings")[0].GetProperty("detail").GetString());
    }

    [Fact]
    public void A_placeholder_in_the_data_is_not_filled_in()
        => Assert.Equal("{{vega}}", Data(Page(new ReportOptions { Made = s_made, Title = "{{vega}}" })).GetProperty("title").GetString());

    [Fact]
    public void Numbers_are_those_of_the_catalog()
    {
        var answers = _sample.Answers;
        var data = Data(Page(new ReportOptions { Made = s_made, Prices = PriceListFile.Default, Top = 7 }));
        Assert.Equal((answers.Paths + 1, answers.Nars + 1, answers.FileSize + HostileSize), (Number("count"), Number("narCount"), Number("size")));
        var days = data.GetProperty("days").EnumerateArray().ToList();
        Assert.Equal(answers.Paths + 1, days.Sum(day => day.GetProperty("count").GetInt64()));
        Assert.Equal(answers.FileSize + HostileSize, days.Sum(day => day.GetProperty("size").GetInt64()));
        Assert.Equal(days.Select(day => day.GetProperty("day").GetString()).Order(StringComparer.Ordinal), days.Select(day => day.GetProperty("day").GetString()));
        var orphans = data.GetProperty("orphanDays").EnumerateArray().ToList();
        Assert.Equal(answers.Paths, orphans.Sum(day => day.GetProperty("count").GetInt64()));
        Assert.Equal(_sample.Unknown, orphans.Sum(day => day.GetProperty("orphans").GetInt64()));
        Assert.Equal(["nixos-26.05", "<b>"], data.GetProperty("roots").EnumerateArray().Select(root => root.GetProperty("origin").GetString()));
        Assert.Equal((7, 7), (data.GetProperty("names").GetArrayLength(), data.GetProperty("paths").GetArrayLength()));
        Assert.Equal(data.GetProperty("storageClasses").EnumerateArray().Sum(group => group.GetProperty("cost").GetDecimal()), data.GetProperty("prices").GetProperty("total").GetDecimal());

        long Number(string name) => data.GetProperty("total").GetProperty(name).GetInt64();
    }

    [Fact]
    public void A_catalog_without_narinfos_has_a_report_too()
    {
        using (var writer = CatalogWriter.Open(_sample.Directory / "objects.catalog", new CatalogManifest()))
        {
            writer.AddObjects(("nar/1", "2026-01-01"), ("nar/2", "2026-01-03"), ("nar/3", "infinity"), ("nar/4", "0001-01-01"));
        }

        CacheReport.Write(CacheCatalog.Open(_sample.Directory / "objects.catalog"), _sample.Directory / "objects.html", new ReportOptions { Made = s_made });
        var data = Data(File.ReadAllText(_sample.Directory / "objects.html"));
        Assert.Equal("Binary cache objects", data.GetProperty("title").GetString());
        Assert.False(data.GetProperty("hasNarInfos").GetBoolean());
        Assert.Equal(2, data.GetProperty("days").GetArrayLength());
        Assert.Equal(2, data.GetProperty("undated").GetProperty("count").GetInt64());
        Assert.False(data.TryGetProperty("total", out _));
    }

    [SkippableFact]
    public async Task A_browser_shows_it()
    {
        CacheReport.Write(_sample.Catalog, _sample.Directory / "page.html", new ReportOptions { Made = s_made, Prices = PriceListFile.Default });
        CacheReport.Write(CacheCatalog.Open(_sample.EmptyCatalog), _sample.Directory / "empty.html", new ReportOptions { Made = s_made });
        var data = Data(File.ReadAllText(_sample.Directory / "page.html"));
        using var browser = await HeadlessBrowser.TryStart();
        Skip.If(browser is null, "BROWSER MISSING: tests/interop/browser.sh needs Debian's chromium-headless-shell");
        await browser!.Open(_sample.Directory / "page.html", 1200);
        await browser.Evaluate("report.ready.then(() => true)");

        var drawn = (await browser.Evaluate("""
            Object.fromEntries([...document.querySelectorAll('.chart')].map(chart => [chart.id, {
                svg: chart.querySelectorAll('svg').length,
                bars: chart.querySelectorAll('.mark-rect.role-mark path').length,
                points: Math.max(0, ...[...chart.querySelectorAll('.mark-area path, .mark-line.role-mark path')].map(path => (path.getAttribute('d').match(/[MLHV]/g) ?? []).length)),
                wide: chart.querySelector('svg').getBoundingClientRect().width,
            }]))
            """))!.AsObject();
        Assert.Equal(["uploads", "bytes", "cumulative", "orphans", "share", "classes", "compressions", "ages", "names"], drawn.Select(chart => chart.Key));
        Assert.All(drawn, chart => Assert.True((int)chart.Value!["svg"]! == 1 && (double)chart.Value["wide"]! > 300, chart.ToString()));
        var days = data.GetProperty("days").GetArrayLength();
        Assert.All(["uploads", "bytes", "cumulative"], id => Assert.InRange((int)drawn[id]!["points"]!, days, 5 * days));
        Assert.All(["orphans", "share"], id => Assert.InRange((int)drawn[id]!["points"]!, data.GetProperty("orphanDays").GetArrayLength(), 5 * days));
        Assert.Equal(data.GetProperty("storageClasses").GetArrayLength(), (int)drawn["classes"]!["bars"]!);
        Assert.Equal(data.GetProperty("compressions").GetArrayLength(), (int)drawn["compressions"]!["bars"]!);
        Assert.Equal(9, (int)drawn["ages"]!["bars"]!);
        Assert.Equal(25, (int)drawn["names"]!["bars"]!);

        // There are letters.
        Assert.True((double)(await browser.Evaluate("document.querySelector('h1').getBoundingClientRect().height"))! > 20);

        // What is hostile is there as text, and has made nothing.
        Assert.Equal(0, (int)(await browser.Evaluate("document.querySelectorAll('img').length"))!);
        Assert.True((bool)(await browser.Evaluate($"[...document.querySelectorAll('td')].filter(cell => cell.textContent === {JsonSerializer.Serialize(Hostile)}).length === 2"))!);

        // What the pointer is at is read out.
        var at = (await browser.Evaluate("(() => { const box = document.querySelector('#uploads svg').getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"))!;
        await browser.Point((double)at[0]!, (double)at[1]!);
        await browser.WaitFor(@"/^\d{4}-\d\d-\d\d/.test(document.querySelector('figure:has(#uploads) .readout').textContent)");

        await browser.Picture(HeadlessBrowser.Result("report-light.png"));
        await browser.Emulate("print");
        Assert.Equal("rgb(0, 0, 0)", (string)(await browser.Evaluate("getComputedStyle(document.body).color"))!);
        Clean(browser);

        await browser.Open(_sample.Directory / "page.html", 480, ("prefers-color-scheme", "dark"));
        await browser.Evaluate("report.ready.then(() => true)");
        Assert.True((bool)(await browser.Evaluate("document.documentElement.scrollWidth <= innerWidth"))!);
        await browser.Picture(HeadlessBrowser.Result("report-dark.png"));
        Clean(browser);

        await browser.Open(_sample.Directory / "empty.html", 1200);
        await browser.Evaluate("report.ready.then(() => true)");
        Clean(browser);
    }

    private static void Clean(HeadlessBrowser browser)
    {
        Assert.Equal("", string.Join('\n', browser.Errors));
        Assert.Equal("", string.Join('\n', browser.Requests));
    }

    private static JsonElement Data(string page)
        => JsonDocument.Parse(Regex.Match(page, "<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value).RootElement;

    private string Page(ReportOptions options)
    {
        var file = _sample.Directory / $"{Guid.NewGuid()}.html";
        CacheReport.Write(_sample.Catalog, file, options);
        return File.ReadAllText(file);
    }

    public sealed class Sample : IDisposable
    {
        public Sample()
        {
            var generator = new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 20_000, Rebuild = 1000, PartSize = 10_000, Objects = true }));
            generator.Write(Directory / "cache.catalog");
            Answers = generator.Answers;
            using (var writer = CatalogWriter.Open(Directory / "cache.catalog", new CatalogManifest()))
            {
                writer.Add(CatalogTable.NarInfos, $"SELECT 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz' AS hash, '{Hostile}' AS pname, 'nar/hostile' AS url, {HostileSize} AS file_size, {HostileSize} AS nar_size, '<b>' AS compression, '<b>' AS system, TIMESTAMP '2024-05-05' AS last_modified_at")
                    .Add(CatalogTable.Findings, $"SELECT 'x.narinfo' AS key, 'InvalidNarInfo' AS kind, '{Hostile}' AS detail UNION ALL SELECT '{Hostile}.narinfo', 'UnreadableNarInfo', 'gone'")
                    .Add(CatalogTable.Hydra, "SELECT hash, pname, 1 AS build, 1 AS stepnr, 'out' AS name FROM narinfos WHERE hash(hash) % 50 <> 0 AND pname NOT LIKE '<%'")
                    .Add(CatalogTable.Roots, "SELECT 'Channel' AS kind, 'nixos-26.05' AS origin, i AS hash, TIMESTAMP '2026-01-01' AS added_at FROM range(3) t(i) UNION ALL SELECT 'Pin', '<b>', '0', TIMESTAMP '2026-01-01'");
                Unknown = Answers.Paths - writer.Session.QueryNumber("SELECT count(*) FROM hydra");
            }

            Catalog = CacheCatalog.Open(Directory / "cache.catalog");
            EmptyCatalog = Directory / "empty.catalog";
            using var empty = CatalogWriter.Open(EmptyCatalog, new CatalogManifest());
            empty.Add(CatalogTable.Findings, "SELECT 'x.narinfo' AS key, 'InvalidNarInfo' AS kind, 'x' AS detail");
        }

        internal TemporaryDirectory Directory { get; } = new();

        internal string EmptyCatalog { get; }

        public CacheCatalog Catalog { get; }

        public GeneratorAnswers Answers { get; }

        public long Unknown { get; }

        public void Dispose() => Directory.Dispose();
    }
}
