using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning;

/// <summary>Plans with a mistake each, which their certificates find.</summary>
public sealed class PruneMistakeTests : IDisposable
{
    private readonly PruneLab _lab = new();

    public PruneMistakeTests()
    {
        _lab.Add("a", "root", "b");
        _lab.Add("b", "x-reached");
        _lab.Add(new LabPath(PruneLab.Hash("c"), "x-gone") { Deriver = "c.drv" });
        _lab.Add(new LabPath(PruneLab.Hash("d"), "kept") { Url = $"nar/{PruneLab.Hash("f")}.nar.xz", References = [PruneLab.Hash("g")] });
        _lab.Add("f", "x-shares-its-nar");
        _lab.Add("g", "x-referenced");
        _lab.Add(new LabPath(PruneLab.Hash("h"), "x-young") { Time = PruneLab.Now.AddDays(-2) });
        _lab.Add(new LabPath(PruneLab.Hash("i"), "x-fixed") { Ca = "fixed:sha256:x" });
        _lab.Add("j", "nix-2.34");
        _lab.Add("k", "other");
        _lab.Add("l", "x-young-nar");
        _lab.Objects[^1] = _lab.Objects[^1] with { Time = PruneLab.Now.AddDays(-1) };
        _lab.AddObject($"{PruneLab.Hash("c")}.ls");
        _lab.AddObject("log/c.drv");
        _lab.AddObject("log/other.drv");
        _lab.Roots.Add((PruneLab.Hash("a"), null, null));
        _lab.Write();
    }

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("a", "Roots")]
    [InlineData("b", "Reachable")]
    [InlineData("d", "Chosen")]
    [InlineData("g", "Closed")]
    [InlineData("h", "OldEnough")]
    [InlineData("i", "FixedOutputs")]
    [InlineData("j", "Protected")]
    [InlineData("k", "Chosen")]
    [InlineData("l", "OldEnough")]
    public void A_path_that_must_stay(string name, string check)
    {
        var path = _lab.Paths.Single(item => item.Hash == PruneLab.Hash(name));
        var plan = Change(
            paths => [.. paths, new PlannedNarInfo(path.Hash, path.Name, null, path.Url, "sha256:x", 4 * path.Size, path.Size, path.Time, path.Deriver, false)],
            objects => [.. objects, Of(path.Key, BinaryCacheObjectKind.NarInfo, path.Hash), .. name is "d" ? Array.Empty<PlannedObject>() : [Of(path.Url, BinaryCacheObjectKind.Nar, path.Hash)]]);
        Assert.Contains(check, _lab.Failures(plan));
    }

    [Fact]
    public void The_plan_without_a_mistake_passes() => Assert.Empty(_lab.Failures(Change(paths => paths, objects => objects)));

    [Fact]
    public void A_NAR_that_another_path_needs()
        => AssertFails(["NarsKept", "ObjectsBelong"], Change(paths => paths, objects => [.. objects, Of($"nar/{PruneLab.Hash("f")}.nar.xz", BinaryCacheObjectKind.Nar, PruneLab.Hash("f"))]));

    [Fact]
    public void A_narinfo_of_a_path_that_stays()
        => AssertFails(["NarInfosKept", "ObjectsBelong"], Change(paths => paths, objects => [.. objects, Of($"{PruneLab.Hash("d")}.narinfo", BinaryCacheObjectKind.NarInfo, PruneLab.Hash("d"))]));

    [Fact]
    public void A_log_of_something_else()
        => AssertFails(["ObjectsBelong"], Change(paths => paths, objects => [.. objects, Of("log/other.drv", BinaryCacheObjectKind.Log, PruneLab.Hash("c"))]));

    [Fact]
    public void A_NAR_without_path_that_has_one()
        => AssertFails(["NarsKept", "ObjectsBelong"], Change(paths => paths, objects => [.. objects, Of($"nar/{PruneLab.Hash("k")}.nar.xz", BinaryCacheObjectKind.Nar, null)]));

    [Theory]
    [InlineData(BinaryCacheObjectKind.Listing)]
    [InlineData(BinaryCacheObjectKind.Log)]
    [InlineData(BinaryCacheObjectKind.Nar)]
    [InlineData(BinaryCacheObjectKind.NarInfo)]
    public void An_object_that_is_forgotten(BinaryCacheObjectKind kind)
        => AssertFails(["ObjectsComplete"], Change(paths => paths, objects => [.. objects.Where(item => item.Kind != kind)]));

    [Fact]
    public void An_object_twice()
        => AssertFails(["ObjectsBelong"], Change(paths => paths, objects => [.. objects, objects[0]]));

    [Fact]
    public void An_object_in_another_state()
        => AssertFails(["ObjectsAsListed"], Change(paths => paths, objects => [objects[0] with { ETag = "other" }, .. objects[1..]]));

    [Fact]
    public void A_path_that_there_is_not()
        => AssertFails(["PathsInCatalog"], Change(paths => [.. paths, paths[0] with { HashPart = PruneLab.Hash("z"), Url = "nar/z.nar" }], objects => [.. objects,
            new PlannedObject($"{PruneLab.Hash("z")}.narinfo", BinaryCacheObjectKind.NarInfo, null, null, null, null, PruneLab.Hash("z")), new PlannedObject("nar/z.nar", BinaryCacheObjectKind.Nar, null, null, null, null, PruneLab.Hash("z"))]));

    [Fact]
    public void A_path_that_is_another_one()
        => AssertFails(["PathsInCatalog"], Change(paths => [paths[0] with { NarSize = 1 }, .. paths[1..]], objects => objects));

    [Fact]
    public void Totals_that_are_others()
        => AssertFails(["Totals"], Change(paths => paths, objects => objects, summary => summary with { Totals = summary.Totals with { Paths = 7 } }));

    [Fact]
    public void A_lost_reference_that_is_none()
        => AssertFails(["DanglingListed", "Totals"], Change(paths => paths, objects => objects, dangling: [new PlannedDangling(PruneLab.Hash("a"), "root", PruneLab.Hash("c"))], keepTotals: true));

    [Fact]
    public void A_lost_reference_that_is_not_allowed()
    {
        // Listed as lost, but the policy says that nothing is.
        var path = _lab.Paths.Single(item => item.Hash == PruneLab.Hash("g"));
        var plan = Change(
            paths => [.. paths, new PlannedNarInfo(path.Hash, path.Name, null, path.Url, "sha256:x", 4 * path.Size, path.Size, path.Time, null, false)],
            objects => [.. objects, Of(path.Key, BinaryCacheObjectKind.NarInfo, path.Hash), Of(path.Url, BinaryCacheObjectKind.Nar, path.Hash)],
            dangling: [new PlannedDangling(PruneLab.Hash("d"), "kept", path.Hash)]);
        AssertFails(["Closed"], plan);
    }

    [Fact]
    public void A_file_that_was_changed()
    {
        var plan = Plan();
        var path = plan.PathsOf(PrunePlanTable.Objects)[0];
        var bytes = File.ReadAllBytes(path);

        // Within the magic number at the end nothing else is changed by it.
        var place = bytes.AsSpan().IndexOf("DuckDB"u8);
        bytes[place] = (byte)'d';
        File.WriteAllBytes(path, bytes);
        AssertFails(["PlanFiles"], PrunePlan.Open(plan.Directory));
    }

    [Fact]
    public void A_summary_that_was_changed()
    {
        var plan = Plan();
        var script = new CertificateScript(_lab.Catalog, plan).Whole();
        var path = Path.Combine(plan.Directory, "plan.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"author\": \"lab\"", "\"author\": \"bal\"", StringComparison.Ordinal));
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = _lab.NewFolder() });
        using var rows = session.Query(script);
        var failed = new List<string>();
        while (rows.Read())
        {
            if (!rows.GetBoolean(1))
            {
                failed.Add(rows.GetText(0));
            }
        }

        Assert.Equal(["PlanDigest"], failed);
    }

    [Fact]
    public void A_catalog_that_has_changed()
    {
        var plan = Plan();
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            writer.AddObjects(($"{PruneLab.Hash("n")}.narinfo", "2025-01-01"));
        }

        AssertFails(["Catalog", "NarInfosRead"], plan);
    }

    [Fact]
    public void A_catalog_of_the_same_size_that_says_something_else()
    {
        var plan = Plan();
        var manifest = Path.Combine(_lab.Folder, "catalog.json");
        var part = _lab.Catalog.Manifest[CatalogTable.NarInfos].Parts[0];
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(part.Sha256!, new string('0', 64), StringComparison.Ordinal));
        AssertFails(["Catalog"], plan);
    }

    [Theory]
    [InlineData(FindingKinds.Missing, "Catalog NarInfosRead")]
    [InlineData(FindingKinds.Corrupt, "Catalog")]
    public void A_narinfo_that_could_not_be_had(string kind, string checks)
    {
        var plan = Plan();
        using (var writer = CatalogWriter.Open(_lab.Folder))
        {
            writer.AddObjects(($"{PruneLab.Hash("n")}.narinfo", "2025-01-01")).Add(CatalogTable.Findings, $"SELECT '{PruneLab.Hash("n")}.narinfo' AS key, '{kind}' AS kind");
        }

        AssertFails(checks.Split(' '), plan);
    }

    [Fact]
    public void The_certificate_is_a_file_that_stands_for_itself()
    {
        var certificate = new PruneCertificate(_lab.Catalog, Plan());
        var checks = certificate.Run().ToList();
        Assert.Equal(19, checks.Count);
        Assert.All(checks, check => Assert.EndsWith(".", check.Statement, StringComparison.Ordinal));
        var folder = Directory.CreateDirectory(_lab.NewFolder()).FullName;
        certificate.Write(Path.Combine(folder, "proof.json"), checks, PruneLab.Now);
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "proof.json")));
        Assert.True(json.RootElement.GetProperty("passed").GetBoolean());
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = _lab.NewFolder() });
        using var rows = session.Query(File.ReadAllText(Path.Combine(folder, "proof.sql")));
        var passed = 0;
        while (rows.Read())
        {
            passed += rows.GetBoolean(1) ? 1 : 0;
        }

        Assert.Equal(19, passed);
    }

    private PrunePlan Plan() => _lab.Plan(new PruneRequest { Names = ["x-*"] });

    private void AssertFails(string[] checks, PrunePlan plan) => Assert.Equal(checks, _lab.Failures(plan));

    private PlannedObject Of(string key, BinaryCacheObjectKind kind, string? hash)
        => _lab.Objects.Find(item => item.Key == key) is { } item ? new PlannedObject(key, kind, item.Size, item.ETag, item.Time, "STANDARD", hash) : new PlannedObject(key, kind, null, null, null, null, hash);

    /// <summary>The plan anew with other rows, and with totals that fit.</summary>
    private PrunePlan Change(
        Func<List<PlannedNarInfo>, List<PlannedNarInfo>> paths, Func<List<PlannedObject>, List<PlannedObject>> objects, Func<BinaryCachePrunePlan, BinaryCachePrunePlan>? summary = null,
        PlannedDangling[]? dangling = null, bool keepTotals = false)
    {
        var plan = Plan();
        var newPaths = paths([.. plan.ReadNarInfos()]);
        var newObjects = objects([.. plan.ReadObjects(1), .. plan.ReadObjects(2)]);
        var writer = PrunePlanWriter.Create(_lab.NewFolder());
        writer.Write(newPaths);
        writer.Write(newObjects);
        writer.Write(dangling ?? []);
        var kinds = newObjects.GroupBy(item => item.Kind.ToString()).ToList();
        var draft = plan.Summary with
        {
            Totals = plan.Summary.Totals with
            {
                Paths = newPaths.Count,
                DanglingReferences = keepTotals ? 0 : dangling?.Length ?? 0,
                Objects = new SortedDictionary<string, long>(kinds.ToDictionary(kind => kind.Key, kind => (long)kind.Count()), StringComparer.Ordinal),
                Bytes = new SortedDictionary<string, long>(kinds.ToDictionary(kind => kind.Key, kind => kind.Sum(item => item.Size ?? 0)), StringComparer.Ordinal),
            },
            Classes = [new PrunePlanClass { Paths = newPaths.Count }],
        };
        return writer.Finish(summary?.Invoke(draft) ?? draft);
    }
}
