using NixStore.Catalog.Feeding;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Pruning.Classes;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning;

public sealed class PrunePlannerTests : IDisposable
{
    private const string Fixed = "fixed:r:sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
    private readonly PruneLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Takes_what_no_root_leads_to_with_all_of_its_objects()
    {
        _lab.Add("a", "root-1", "b");
        _lab.Add("b", "library-1");
        _lab.Add(new LabPath(PruneLab.Hash("c"), "gone-1") { References = [PruneLab.Hash("b"), PruneLab.Hash("d")], Deriver = "x-gone.drv" });
        _lab.Add("d", "gone-2");
        _lab.Roots.Add((PruneLab.Hash("a"), null, null));
        _lab.AddObject($"{PruneLab.Hash("c")}.ls");
        _lab.AddObject($"{PruneLab.Hash("c")}.ls.xz");
        _lab.AddObject($"{PruneLab.Hash("a")}.ls");
        _lab.AddObject("log/x-gone.drv");
        _lab.AddObject("log/y-other.drv");
        _lab.AddLink("debuginfo/0c", null, $"nar/{PruneLab.Hash("c")}.nar.xz");
        _lab.AddLink("debuginfo/0a", null, $"nar/{PruneLab.Hash("a")}.nar.xz");
        _lab.AddLink("realisations/sha256:1!out.doi", PruneLab.Hash("d"), null);
        _lab.AddLink("build-trace-v2/x-gone.drv/out.doi", PruneLab.Hash("c"), null);
        _lab.AddObject("debuginfo/unread");
        var plan = _lab.Write().Plan(new PruneRequest { Unreachable = true });

        Assert.Equal([PruneLab.Hash("c"), PruneLab.Hash("d")], plan.ReadNarInfos().Select(path => path.HashPart));
        Assert.Equal(
            [
                "build-trace-v2/x-gone.drv/out.doi", $"{PruneLab.Hash("c")}.ls", $"{PruneLab.Hash("c")}.ls.xz", $"{PruneLab.Hash("c")}.narinfo", $"{PruneLab.Hash("d")}.narinfo",
                "debuginfo/0c", "log/x-gone.drv", "realisations/sha256:1!out.doi",
            ],
            plan.ReadObjects(1).Select(item => item.Key));
        Assert.Equal([$"nar/{PruneLab.Hash("c")}.nar.xz", $"nar/{PruneLab.Hash("d")}.nar.xz"], plan.ReadObjects(2).Select(item => item.Key));
        Assert.Equal(("tag-" + PruneLab.Hash("c") + ".narinfo", 500L), (plan.ReadObjects(1).ElementAt(3).ETag, plan.ReadObjects(1).ElementAt(3).Size!.Value));
        Assert.Equal((2L, 10L, 1L, "s3://cache/"), (plan.Summary.PathCount, plan.Summary.ObjectCount, plan.Summary.Source.UnknownLinks, plan.Summary.Cache));
        Assert.Equal(0, plan.Summary.Totals.UnknownObjects);
        Assert.Empty(_lab.Failures(plan));
    }

    [Fact]
    public void Keeps_for_the_first_reason_that_holds()
    {
        _lab.Add("a", "root-1", "b");
        _lab.Add("b", "p-reached");
        _lab.Add(new LabPath(PruneLab.Hash("c"), "p-young") { Time = PruneLab.Now.AddDays(-29), Ca = Fixed });
        _lab.Add(new LabPath(PruneLab.Hash("d"), "p-undated") { Time = null });
        _lab.Objects.RemoveAll(item => item.Key == $"nar/{PruneLab.Hash("d")}.nar.xz");
        _lab.Add(new LabPath(PruneLab.Hash("f"), "p-fixed") { Ca = Fixed });
        _lab.Add("g", "nix-2.34");
        _lab.Add("h", "kept", "i");
        _lab.Add("i", "p-referenced", "j");
        _lab.Add("j", "p-referenced-by-this");
        _lab.Add("k", "p-gone", "j");
        var path = _lab.Add("l", "p-with-young-nar");
        _lab.Objects[^1] = _lab.Objects[^1] with { Time = PruneLab.Now.AddDays(-1) };
        Assert.Equal(path.Url, _lab.Objects[^1].Key);
        _lab.Roots.Add((PruneLab.Hash("a"), null, null));
        var request = new PruneRequest { Names = ["p-*", "nix-*"] };
        var plan = _lab.Write().Plan(request);
        Assert.Equal([PruneLab.Hash("k")], plan.ReadNarInfos().Select(item => item.HashPart));
        Assert.Equal(
            [(PruneKeepReason.TooYoung, 3L), (PruneKeepReason.FixedOutput, 1), (PruneKeepReason.Root, 1), (PruneKeepReason.Protected, 1), (PruneKeepReason.Referenced, 2)],
            plan.Summary.Kept.Select(item => (item.Reason, item.Paths)));
        Assert.Empty(_lab.Failures(plan));

        // All that can be allowed.
        plan = _lab.Plan(request with { MinimumAge = TimeSpan.Zero, IncludeFixedOutput = true, KeepRoots = false, AllowDangling = true, KnownClasses = [] });
        Assert.Equal(9, plan.Summary.PathCount);
        Assert.Equal([$"{PruneLab.Hash("a")} {PruneLab.Hash("b")}", $"{PruneLab.Hash("h")} {PruneLab.Hash("i")}"], Dangling(plan));
        Assert.Equal(2, plan.Summary.Totals.DanglingReferences);
        Assert.Empty(_lab.Failures(plan));
    }

    [Theory]
    [InlineData(FindingKinds.Missing)]
    [InlineData(FindingKinds.Unreadable)]
    public void Narinfos_that_could_not_be_had_prevent_a_plan_unless_that_is_allowed(string kind)
    {
        _lab.Add("a", "x-1");
        _lab.AddObject($"{PruneLab.Hash("b")}.narinfo");
        _lab.Findings.Add(($"{PruneLab.Hash("b")}.narinfo", $"tag-{PruneLab.Hash("b")}.narinfo"));
        _lab.FindingKind = kind;
        var request = new PruneRequest { Names = ["x-1"], KeepRoots = false };
        Assert.Equal("CatalogNarInfosUnreadable", _lab.Write().PlanError(request));
        var plan = _lab.Plan(request with { AllowUnreadable = true });
        Assert.Equal((1, 1), (plan.Summary.Source.BadNarInfos, plan.Summary.Source.UnreadableNarInfos));
        Assert.Empty(_lab.Failures(plan));
    }

    [Fact]
    public void Narinfos_that_are_of_no_use_prevent_nothing()
    {
        _lab.Add("a", "x-1");
        _lab.AddObject($"{PruneLab.Hash("b")}.narinfo");
        _lab.Findings.Add(($"{PruneLab.Hash("b")}.narinfo", $"tag-{PruneLab.Hash("b")}.narinfo"));
        var plan = _lab.Write().Plan(new PruneRequest { Names = ["x-1"], KeepRoots = false });
        Assert.Equal((1, 0), (plan.Summary.Source.BadNarInfos, plan.Summary.Source.UnreadableNarInfos));
        Assert.Empty(_lab.Failures(plan));
    }

    [Fact]
    public void A_NAR_goes_with_the_last_that_names_it()
    {
        _lab.Add("a", "x-1");
        _lab.Add(new LabPath(PruneLab.Hash("b"), "x-2") { Url = $"nar/{PruneLab.Hash("a")}.nar.xz" });
        _lab.Add(new LabPath(PruneLab.Hash("c"), "kept") { Url = "nar/%64.nar" });
        _lab.Add(new LabPath(PruneLab.Hash("d"), "x-3") { Url = "nar/d.nar" });
        _lab.Add(new LabPath(PruneLab.Hash("f"), "x-4") { Url = "log/not-a-nar" });
        _lab.Add(new LabPath(PruneLab.Hash("g"), "x-5") { Deriver = "two.drv" });
        _lab.Add(new LabPath(PruneLab.Hash("h"), "kept-too") { Deriver = "two.drv" });
        _lab.AddObject("log/two.drv");
        _lab.Write(withShared: false);
        var plan = _lab.Plan(new PruneRequest { Names = ["x-1", "x-3", "x-4", "x-5"], KeepRoots = false });
        Assert.Equal([$"nar/{PruneLab.Hash("g")}.nar.xz"], plan.ReadObjects(2).Select(item => item.Key));
        Assert.DoesNotContain(plan.ReadObjects(1), item => item.Kind == BinaryCacheObjectKind.Log);
        Assert.Empty(_lab.Failures(plan));

        plan = _lab.Plan(new PruneRequest { Names = ["x-[12]"], KeepRoots = false });
        Assert.Equal([(PruneLab.Hash("a"), $"nar/{PruneLab.Hash("a")}.nar.xz")], plan.ReadObjects(2).Select(item => (item.HashPart, item.Key)));
        Assert.Empty(_lab.Failures(plan));
    }

    [Fact]
    public void Classes_have_ages_of_their_own_and_show_what_is_odd()
    {
        for (var i = 0; i < 10; i++)
        {
            _lab.Add(new LabPath(PruneLab.Hash($"a{i}"), $"nixos-minimal-{i}.iso") { Size = 900_000_000 + (i * 1_000_000), Time = PruneLab.Now.AddDays(-100) });
        }

        _lab.Add(new LabPath(PruneLab.Hash("b"), "nixos-manual.iso") { Size = 2000 });
        _lab.Add(new LabPath(PruneLab.Hash("c"), "unit-sshd.service") { Time = PruneLab.Now.AddDays(-100) });
        _lab.Add("d", "unit-old.service");
        var plan = _lab.Write().Plan(new PruneRequest { Classes = ["iso", "Glue"], KeepRoots = false, Prices = PriceListFile.Default });
        Assert.Equal(12, plan.Summary.PathCount);
        Assert.Equal([(PruneKeepReason.TooYoung, 1L)], plan.Summary.Kept.Select(item => (item.Reason, item.Paths)));
        var iso = plan.Summary.Classes[0];
        Assert.Equal(("Iso", 11L, PruneLab.Old, PruneLab.Now.AddDays(-100)), (iso.Name, iso.Paths, iso.Oldest, iso.Newest));
        Assert.Equal([new PrunePlanOutlier($"/nix/store/{PruneLab.Hash("b")}-nixos-manual.iso", 2000)], iso.Outliers);
        Assert.Equal(["Iso", "Glue"], plan.Summary.Classes.Select(item => item.Name));
        Assert.True(plan.Summary.Totals.MonthlyCost >= 0.19m && plan.Summary.Totals.Currency == "USD");
        Assert.Empty(_lab.Failures(plan));
        Assert.Equal("PruneClassNotFound", _lab.PlanError(new PruneRequest { Classes = ["Isso"] }));
    }

    [Fact]
    public void Orphaned_NARs_go_unless_they_are_young_or_named()
    {
        _lab.Add("a", "kept");
        _lab.Add(new LabPath(PruneLab.Hash("b"), "kept-too") { Url = "nar/%6famed.nar" });
        _lab.AddObject("nar/lost.nar");
        _lab.AddObject("nar/young.nar", PruneLab.Now.AddDays(-3));
        _lab.AddObject("nar/oamed.nar");
        var plan = _lab.Write().Plan(new PruneRequest
        {
            OrphanKeys = new HashSet<string> { "nar/lost.nar", "nar/young.nar", "nar/oamed.nar", $"nar/{PruneLab.Hash("a")}.nar.xz", "nar/nowhere.nar", "nix-cache-info" }, KeepRoots = false,
        });
        Assert.Equal([("nar/lost.nar", null)], plan.ReadObjects(2).Select(item => (item.Key, item.HashPart)));
        Assert.Empty(plan.ReadObjects(1));
        Assert.Equal([(PruneKeepReason.TooYoung, 1L), (PruneKeepReason.Referenced, 2)], plan.Summary.Kept.Select(item => (item.Reason, item.Paths)));
        Assert.Empty(_lab.Failures(plan));
    }

    [Fact]
    public void Without_an_inventory_objects_are_known_by_name()
    {
        _lab.Add("a", "x-1");
        _lab.Add("b", "kept");
        _lab.Objects.Clear();
        var plan = _lab.Write().Plan(new PruneRequest { Names = ["x-*"], KeepRoots = false, Prices = PriceListFile.Default });
        Assert.Equal([($"{PruneLab.Hash("a")}.narinfo", null, null)], plan.ReadObjects(1).Select(item => (item.Key, item.Size, item.ETag)));
        Assert.Equal((2L, 2L, 0L), (plan.Summary.ObjectCount, plan.Summary.Totals.UnknownObjects, plan.Summary.Source.Objects));
        Assert.Empty(_lab.Failures(plan));
    }

    [Fact]
    public void Same_catalog_and_moment_are_the_same_bytes()
    {
        for (var i = 0; i < 50; i++)
        {
            _lab.Add($"a{i:d2}z", $"x-{i}", $"a{i / 2:d2}z");
        }

        _lab.Write();
        var request = new PruneRequest { Names = ["x-*"], KeepRoots = false };
        Assert.Equal(Folders.Read(_lab.Plan(request).Directory), Folders.Read(_lab.Plan(request with { Report = _ => { } }).Directory));
    }

    [Fact]
    public void Refuses_what_cannot_be_planned()
    {
        _lab.Add("a", "x-1");
        _lab.Write();
        Assert.Equal("PrunePolicyEmpty", _lab.PlanError(new PruneRequest()));
        Assert.Equal("CatalogHasNoRoots", _lab.PlanError(new PruneRequest { Names = ["x-*"] }));
        Assert.Equal("PrunePlanEmpty", _lab.PlanError(new PruneRequest { Names = ["y-*"], KeepRoots = false }));

        // A narinfo that was not read may refer to anything.
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            writer.AddObjects(($"{PruneLab.Hash("n")}.narinfo", "2025-01-01"));
        }

        Assert.Equal("CatalogNotUpToDate", _lab.PlanError(new PruneRequest { Names = ["x-*"], KeepRoots = false }));
    }

    [Fact]
    public void Approvals_are_needed_for_what_is_large()
    {
        _lab.Add("a", "x-1");
        _lab.Write();
        var request = new PruneRequest { Names = ["x-*"], KeepRoots = false };
        Assert.False(_lab.Plan(request).Summary.NeedsApproval);
        Assert.True(_lab.Plan(request with { ApprovalPaths = 1 }).Summary.NeedsApproval);
        Assert.True(_lab.Plan(request with { ApprovalSize = 600 }).Summary.NeedsApproval);
        Assert.False(_lab.Plan(request with { ApprovalSize = 601 }).Summary.NeedsApproval);
    }

    [Fact]
    public void Files_bring_classes()
    {
        var file = Path.Combine(Directory.CreateDirectory(_lab.NewFolder()).FullName, "classes.json");
        File.WriteAllText(file, """{ "classes": [ { "name": "Mine", "patterns": ["mine-*"], "minimumAge": "2w" }, { "name": "ISO", "patterns": ["*.iso"], "protected": true } ] }""");
        var classes = PruneClasses.With(file);
        Assert.Equal(("Mine", TimeSpan.FromDays(14)), (classes[0].Name, classes[0].MinimumAge));
        Assert.True(PruneClasses.Named(classes, ["iso"]).Single().IsProtected);
        Assert.Equal(PruneClasses.Default.Count + 1, classes.Count);
        foreach (var bad in new[] { "{", "{}", """{ "classes": [ { "name": "A" } ] }""", """{ "classes": [ { "name": "A", "patterns": ["*"] } ] }""", """{ "classes": [ { "name": "A", "patterns": ["a/b"] } ] }""", """{ "classes": [ { "name": "A", "patterns": ["a"], "minimumAge": "30" } ] }""", """{ "classes": [ { "name": "A", "patterns": ["a"], "what": 1 } ] }""" })
        {
            File.WriteAllText(file, bad);
            Assert.Equal("PruneClassesInvalid", Assert.Throws<NixStoreException>(() => PruneClasses.With(file)).ErrorId);
        }

        Assert.Equal("PruneClassesNotFound", Assert.Throws<NixStoreException>(() => PruneClasses.With(file + "x")).ErrorId);
        Assert.Equal(["nixos-*.iso"], PruneClasses.Named(PruneClasses.Default, ["Iso"]).Single().Patterns);
    }

    private static List<string> Dangling(PrunePlan plan)
    {
        using var session = plan.OpenSession();
        using var rows = session.Query("SELECT hash || ' ' || reference FROM plan_dangling ORDER BY 1");
        var lines = new List<string>();
        while (rows.Read())
        {
            lines.Add(rows.GetText(0));
        }

        return lines;
    }
}
