using System.Text.Json;
using System.Text.RegularExpressions;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Reports;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning;

public sealed class PruneReportTests : IDisposable
{
    private readonly PruneLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [SkippableFact]
    public async Task A_report_shows_what_a_plan_changes()
    {
        for (var i = 0; i < 9; i++)
        {
            _lab.Add(new LabPath(PruneLab.Hash($"a{i}"), $"nixos-minimal-{i}.iso") { Size = 900_000_000 + i });
        }

        _lab.Add(new LabPath(PruneLab.Hash("b"), "nixos-<b>odd.iso") { Size = 2000 });
        _lab.Add(new LabPath(PruneLab.Hash("c"), "kept") { Size = 600_000_000 });
        _lab.Write();
        var plan = _lab.Plan(new PruneRequest { Classes = ["Iso"], KeepRoots = false, Prices = PriceListFile.Default, ApprovalPaths = 1 });
        plan = PrunePlanApprovals.Approve(plan, "the boss", PruneLab.Now, "fine");
        var file = _lab.NewFolder() + ".html";
        CacheReport.Write(_lab.Catalog, file, new ReportOptions { Made = PruneLab.Now, Prices = PriceListFile.Default, Plan = plan.Summary });
        var page = await File.ReadAllTextAsync(file);
        using var json = JsonDocument.Parse(Regex.Match(page, "<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value);
        var data = json.RootElement.GetProperty("plan");
        Assert.Equal((plan.Summary.Id, 10L, "the boss"), (data.GetProperty("id").GetString(), data.GetProperty("count").GetInt64(), data.GetProperty("approvedBy").GetString()));
        Assert.Equal(1, data.GetProperty("classes")[0].GetProperty("outliers").GetArrayLength());

        using var browser = await HeadlessBrowser.TryStart();
        Skip.If(browser is null, "BROWSER MISSING: tests/interop/browser.sh needs Debian's chromium-headless-shell");
        await browser!.Open(file, 1200);
        await browser.Evaluate("report.ready.then(() => true)");
        Assert.Equal(
            "Store paths 11 10 1 90.9 %|Objects 22 20 2 90.9 %|Size of all objects 8.1 GiB 7.5 GiB 572 MiB 93.1 %|Size of NARs 8.1 GiB 7.5 GiB 572 MiB 93.1 %|Storage a month (USD) $0.19 $0.17 $0.01 93.1 %",
            (string)(await browser.Evaluate("""
                [...[...document.querySelectorAll('table')].find(table => table.caption.textContent === 'Before and after').tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent).join(' ')).join('|')
                """))!);
        Assert.Equal(1, (int)(await browser.Evaluate("document.querySelectorAll('#plan svg').length"))!);
        Assert.Contains("nixos-<b>odd.iso", (string)(await browser.Evaluate("document.body.textContent"))!, StringComparison.Ordinal);
        Assert.Equal("", string.Join('\n', browser.Errors));
        await browser.Picture(HeadlessBrowser.Result("report-plan.png"));
    }

    [Fact]
    public void A_plan_of_another_catalog_is_refused()
    {
        _lab.Add("a", "x-1");
        _lab.Write();
        var plan = _lab.Plan(new PruneRequest { Names = ["x-*"], KeepRoots = false });
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            writer.AddObjects(("nar/new", "2025-01-01"));
        }

        Assert.Equal("PrunePlanOfOtherCatalog", Assert.Throws<NixStoreException>(() => CacheReport.Write(_lab.Catalog, _lab.NewFolder() + ".html", new ReportOptions { Plan = plan.Summary })).ErrorId);
    }

    [Fact]
    public void Approvals_hold_for_a_plan_as_it_is()
    {
        _lab.Add("a", "x-1");
        _lab.Write();
        var plan = _lab.Plan(new PruneRequest { Names = ["x-*"], KeepRoots = false, ApprovalPaths = 1 });
        Assert.Equal("PlanNotApproved", Assert.Throws<NixStoreException>(() => PruneChecks.EnsureApproved(plan)).ErrorId);
        var approved = PrunePlanApprovals.Approve(plan, "me", PruneLab.Now, null);
        PruneChecks.EnsureApproved(approved);
        Assert.Equal((plan.Summary.Digest, plan.Summary.Id), (approved.Summary.Digest, approved.Summary.Id));
        Assert.Empty(_lab.Failures(approved));

        // Of another plan it is none.
        var file = Path.Combine(plan.Directory, "plan.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace($"\"digest\": \"{plan.Summary.Digest}\",\n      \"", "\"digest\": \"0\",\n      \"", StringComparison.Ordinal).Replace("      \"digest\": \"" + plan.Summary.Digest, "      \"digest\": \"0", StringComparison.Ordinal));
        Assert.Equal("PlanNotApproved", Assert.Throws<NixStoreException>(() => PruneChecks.EnsureApproved(PrunePlan.Open(plan.Directory))).ErrorId);
    }

    [Fact]
    public void Comparisons_tell_what_has_happened()
    {
        _lab.Add("a", "x-1");
        _lab.Add("b", "x-2");
        _lab.Add("c", "x-3");
        _lab.Write();
        var one = _lab.Plan(new PruneRequest { Names = ["x-[12]"], KeepRoots = false });
        var two = _lab.Plan(new PruneRequest { Names = ["x-[23]"], KeepRoots = false });
        Assert.Equal([(PrunePlanDifferenceKind.Removed, PruneLab.Hash("a")), (PrunePlanDifferenceKind.Added, PruneLab.Hash("c"))], PrunePlanComparison.Compare(one, two).Select(item => (item.Kind, item.HashPart)));
        Assert.Empty(PrunePlanComparison.Compare(one, one));
        Assert.Empty(PrunePlanComparison.Compare(one, _lab.Catalog, PruneLab.Now));

        // The same cache later: one is gone, one was uploaded again, and somebody needs both its path and its NAR.
        using var later = new PruneLab();
        later.Add(new LabPath(PruneLab.Hash("b"), "x-2") { Time = PruneLab.Now });
        later.Add(new LabPath(PruneLab.Hash("d"), "y") { Url = $"nar/{PruneLab.Hash("b")}.nar.xz", References = [PruneLab.Hash("b")] });
        later.Write();
        Assert.Equal(
            [(PrunePlanDifferenceKind.Gone, "a", null), (PrunePlanDifferenceKind.Changed, "b", null), (PrunePlanDifferenceKind.NarShared, "b", $"/nix/store/{PruneLab.Hash("d")}-y"), (PrunePlanDifferenceKind.Referenced, "b", $"/nix/store/{PruneLab.Hash("d")}-y")],
            PrunePlanComparison.Compare(one, later.Catalog, PruneLab.Now).Select(item => (item.Kind, item.HashPart[..1], item.By)));
    }
}
