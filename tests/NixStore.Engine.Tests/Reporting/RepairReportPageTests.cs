using System.Xml;
using System.Xml.Linq;
using NixStore.Engine.Native;
using NixStore.Engine.Reporting;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Reporting;

public sealed class RepairReportPageTests : IDisposable
{
    private const string Hostile = "</td><script>alert('x')</script>&amp;\"<!--]]>";
    private readonly TemporaryDirectory _directory = new();

    private string PagePath => _directory["report.html"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_says_what_was_wrong_what_was_done_what_is_left_and_how_to_undo_it()
    {
        var page = Write(Report() with
        {
            Findings = [Finding("RowMissing", "a", StoreFindingSeverity.Error), Finding("Mode", "b", StoreFindingSeverity.Warning, StoreFindingArea.Path)],
            Steps =
            [
                Step(1, StoreRepairStepKind.BackUpDatabase) with { Outcome = StoreRepairStepOutcome.Done },
                Step(2, StoreRepairStepKind.RestoreRow) with { Source = "https://cache.example", Certainty = StoreCertainty.Proved, Outcome = StoreRepairStepOutcome.Done },
                Step(3, StoreRepairStepKind.RepairPath) with { Outcome = StoreRepairStepOutcome.Failed, Error = "No source has it." },
            ],
            Remaining = [Finding("HashMismatch", "c", StoreFindingSeverity.Error, StoreFindingArea.Path) with { Remedy = "Give a source that has it." }],
            Backup = "/var/backups/it's.sqlite.gz", ReplacedDatabase = "/nix/var/nix/db/replaced-1", PathsSetAside = 2,
        });

        Assert.Equal("Repair of the store local?root=/mnt", Texts(page, "h1").Single());
        Assert.Contains("The store is not whole: 1 thing could not be mended", Texts(page, "p")[0], StringComparison.Ordinal);
        Assert.Equal(["What was wrong", "What was done", "What is left", "How to undo it"], Texts(page, "h2"));
        Assert.Contains("ErrorRowMissing/nix/store/a a is wrong", Rows(page));
        Assert.Contains("WarningMode/nix/store/b b is wrong", Rows(page));
        Assert.Contains("2Restore a rowStep 2https://cache.exampleProvedDone", Rows(page));
        Assert.Contains("3Repair a pathStep 3Failed: No source has it.", Rows(page));
        Assert.Contains("Left that matters1", Rows(page));
        Assert.Contains("ErrorHashMismatch/nix/store/c c is wrongGive a source that has it.", Rows(page));
        Assert.Contains("Restore-StoreDatabase -Path '/var/backups/it''s.sqlite.gz' -Store 'local?root=/mnt' -WhatIf", Texts(page, "code"));
        Assert.Contains("Get-StoreTrash -Store 'local?root=/mnt' | Restore-StoreTrash -SkipVerification -Store 'local?root=/mnt'", Texts(page, "code"));
        Assert.Contains(Texts(page, "p"), text => text.Contains("/nix/var/nix/db/replaced-1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_whole_store_and_a_plan_say_so()
    {
        Assert.Contains("Nothing that matters is wrong with the store any more.", Texts(Write(Report()), "p"));

        var plan = Write(Report() with { IsApplied = false, Remaining = [Finding("X", "x", StoreFindingSeverity.Warning)] });
        Assert.Contains("This is a plan: nothing was changed. Of what matters it would leave 1 thing.", Texts(plan, "p"));
        Assert.Contains("Nothing was changed, so there is nothing to undo.", Texts(plan, "p"));
        Assert.Contains("What would be done", Texts(plan, "h2"));
    }

    [Fact]
    public void Information_is_nothing_to_worry_about()
        => Assert.Contains("Nothing that matters is wrong with the store any more.",
            Texts(Write(Report() with { Remaining = [Finding("X", "x", StoreFindingSeverity.Information)] }), "p"));

    [Fact]
    public void Whatever_the_store_calls_its_things_is_text()
    {
        var page = Write(Report() with
        {
            Store = Hostile,
            Findings = [Finding(Hostile, Hostile, StoreFindingSeverity.Error)],
            Steps = [Step(1, StoreRepairStepKind.RepairPath) with { Path = Hostile, Detail = Hostile, Source = Hostile, Error = Hostile }],
            Remaining = [Finding(Hostile, Hostile, StoreFindingSeverity.Error) with { Remedy = Hostile }],
            Backup = Hostile, ReplacedDatabase = Hostile, PathsSetAside = 1,
        });

        Assert.Empty(page.Descendants("script"));
        Assert.DoesNotContain("<script", File.ReadAllText(PagePath), StringComparison.Ordinal);
        Assert.Contains($"Error{Hostile}/nix/store/{Hostile} {Hostile} is wrong{Hostile}", Rows(page));
    }

    [Theory]
    [InlineData("a\nb\t\0\u001b[2J", @"a\x0ab\x09\x00\x1b[2J")]
    [InlineData("\u202egnp.exe\u200b", @"\u{202e}gnp.exe\u{200b}")]
    [InlineData("päth 日本語 😀", "päth 日本語 😀")]
    public void What_cannot_be_seen_is_written_out(string detail, string shown) => ExpectShown(detail, shown);

    [Fact]
    public void What_is_no_text_at_all_does_not_break_the_page() => ExpectShown("\ud800 and \uffff", "\ufffd and \\u{ffff}");

    [Fact]
    public void Endless_text_is_cut()
    {
        var page = Write(Report() with { Steps = [Step(1, StoreRepairStepKind.RepairPath) with { Detail = new string('x', 1_000_000) }] });

        Assert.Contains($"1Repair a path{new string('x', 4096)}… (995,904 more characters)Planned", Rows(page));
    }

    [Fact]
    public void Of_very_many_the_first_of_each_kind_are_shown_and_all_are_counted()
    {
        var steps = Enumerable.Range(1, 100_000).Select(number => Step(number, number % 2 == 0 ? StoreRepairStepKind.RestoreRow : StoreRepairStepKind.RepairPath) with
        {
            Outcome = number > 99_990 ? StoreRepairStepOutcome.Failed : StoreRepairStepOutcome.Done,
        }).ToList();
        var findings = Enumerable.Range(1, 100_000).Select(number => Finding("Missing", $"{number}", StoreFindingSeverity.Error, StoreFindingArea.Path)).ToList();

        var page = Write(Report() with { Findings = findings, Steps = steps });

        var rows = Rows(page);
        Assert.Contains("Repair a path49,99551,005", rows);
        Assert.Contains("100,000Restore a rowStep 100000Failed", rows);
        Assert.Contains("97,990 more steps are not shown here: of each kind only the first 1,000 are, and as many of those that failed.", Texts(page, "p"));
        Assert.Contains("Paths100,00000", rows);
        Assert.Contains("ErrorMissing… and 99,000 more of this kind, which are not shown here.", rows);
        Assert.InRange(new FileInfo(PagePath).Length, 1, 1 << 20);
    }

    [Fact]
    public void It_needs_nothing_but_itself()
    {
        Write(Report());

        var text = File.ReadAllText(PagePath);
        Assert.StartsWith("<!DOCTYPE html", text, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.DoesNotContain("&", ReportStyle.Sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("<", ReportStyle.Sheet, StringComparison.Ordinal);
        Assert.DoesNotContain(">", ReportStyle.Sheet, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_there_is_replaced_and_nothing_else_is_left()
    {
        File.WriteAllText(PagePath, "old");

        Write(Report());

        Assert.Equal([PagePath], Directory.GetFileSystemEntries(Path.GetDirectoryName(PagePath)!));
    }

    [Fact]
    public void What_cannot_be_written_is_an_error_and_leaves_nothing()
    {
        Assert.Equal("PathNotFound", Assert.Throws<StoreIOException>(() => RepairReportPage.Write(_directory["missing/report.html"], Report())).ErrorId);

        Directory.CreateDirectory(PagePath);
        Assert.Throws<StoreIOException>(() => RepairReportPage.Write(PagePath, Report()));
        Assert.Equal([PagePath], Directory.GetFileSystemEntries(Path.GetDirectoryName(PagePath)!));
    }

    private static NixStoreRepair Report() => new()
    {
        Store = "local?root=/mnt", StartTime = new DateTimeOffset(2026, 11, 26, 7, 0, 0, TimeSpan.Zero), Duration = TimeSpan.FromSeconds(12.34), IsApplied = true,
        Findings = [], Steps = [], Remaining = [],
    };

    private static StoreFinding Finding(string kind, string name, StoreFindingSeverity severity, StoreFindingArea area = StoreFindingArea.Database) => new()
    {
        Store = "local?root=/mnt", Area = area, Kind = kind, Severity = severity, Path = $"/nix/store/{name}", Detail = $"{name} is wrong",
    };

    private static StoreRepairStep Step(int number, StoreRepairStepKind kind) => new() { Store = "local?root=/mnt", Number = number, Kind = kind, Detail = $"Step {number}" };

    private static string[] Texts(XDocument page, string element) => [.. page.Descendants(element).Select(found => found.Value)];

    private static string[] Rows(XDocument page)
        => [.. page.Descendants("tr").Select(row => string.Concat(row.Elements().Select(cell => cell.Value.Replace("\n", "", StringComparison.Ordinal))))];

    private void ExpectShown(string detail, string shown)
        => Assert.Contains($"1Repair a path{shown}Planned", Rows(Write(Report() with { Steps = [Step(1, StoreRepairStepKind.RepairPath) with { Detail = detail }] })));

    private XDocument Write(NixStoreRepair report)
    {
        RepairReportPage.Write(PagePath, report);
        using var reader = XmlReader.Create(PagePath, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }
}
