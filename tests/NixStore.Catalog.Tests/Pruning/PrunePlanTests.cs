using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning;

public sealed class PrunePlanTests : IDisposable
{
    private static readonly DateTimeOffset s_time = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string s_hash = CatalogRows.Hash("a");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void GivesBackWhatWasWritten()
    {
        var plan = Sample();
        Assert.StartsWith($"20260601T120000Z-{plan.Summary.Digest[..8]}", plan.Summary.Id, StringComparison.Ordinal);
        Assert.Equal((plan.Directory, "s3://cache", 2L, 110L), (plan.Summary.Plan, plan.Summary.Cache, plan.Summary.ObjectCount, plan.Summary.ObjectSize));
        Assert.Equal(["narinfos", "objects"], plan.Summary.Tables.Keys);
        Assert.Equal([NarInfo()], plan.ReadNarInfos());
        Assert.Equal([Objects()[1]], plan.ReadObjects(1));
        Assert.Equal([Objects()[0]], plan.ReadObjects(2));
        Assert.Empty(plan.ReadObjects(2, skip: 1));
        plan.Verify();
    }

    [Fact]
    public void SameContentsAreTheSameBytes()
    {
        Sample("one");
        Sample("two");
        Assert.Equal(Folders.Read(_directory / "one"), Folders.Read(_directory / "two"));
    }

    [Fact]
    public void DigestIsOfTheTextBeforeTheName()
    {
        var plan = Sample(author: "Zoë 😀 <\"'&+>\u2028");
        var text = File.ReadAllText(Path.Combine(plan.Directory, "plan.json"));
        var head = text[..text.IndexOf("\n  \"id\":", StringComparison.Ordinal)];
        Assert.Equal(plan.Summary.Digest, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(head))));
        Assert.Equal("Zoë 😀 <\"'&+>\u2028", plan.Summary.Author);
    }

    [Theory]
    [InlineData("\"author\": \"me\"", "\"author\": \"you\"")]
    [InlineData("\"paths\": 1", "\"paths\": 2")]
    [InlineData("\n  \"id\": \"2026", "\n  \"id\": \"2027")]
    [InlineData("{", "")]
    public void RefusesWhatWasChanged(string old, string replacement)
    {
        var path = Path.Combine(Sample().Directory, "plan.json");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, string.Concat(text.AsSpan(0, text.IndexOf(old, StringComparison.Ordinal)), replacement, text.AsSpan(text.IndexOf(old, StringComparison.Ordinal) + old.Length)));
        Assert.Equal("PrunePlanDamaged", Assert.Throws<NixStoreException>(() => PrunePlan.Open(_directory / "a.plan")).ErrorId);
    }

    [Fact]
    public void RefusesOtherFiles()
    {
        var plan = Sample();
        var path = plan.PathsOf(PrunePlanTable.Objects)[0];
        var bytes = File.ReadAllBytes(path);
        bytes[^20] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal("PrunePlanDamaged", Assert.Throws<NixStoreException>(() => PrunePlan.Open(plan.Directory).Verify()).ErrorId);
        File.WriteAllBytes(path, bytes[1..]);
        Assert.Equal("PrunePlanDamaged", Assert.Throws<NixStoreException>(() => PrunePlan.Open(plan.Directory)).ErrorId);
        File.Delete(path);
        Assert.Equal("PrunePlanDamaged", Assert.Throws<NixStoreException>(() => PrunePlan.Open(plan.Directory)).ErrorId);
        Assert.Equal("PrunePlanNotFound", Assert.Throws<NixStoreException>(() => PrunePlan.Open(_directory / "none")).ErrorId);
    }

    [Theory]
    [InlineData("nar/../../etc/passwd", BinaryCacheObjectKind.Nar)]
    [InlineData("/etc/passwd", BinaryCacheObjectKind.Nar)]
    [InlineData("nix-cache-info", BinaryCacheObjectKind.Nar)]
    [InlineData("nixstore-trash/x", BinaryCacheObjectKind.Nar)]
    [InlineData("log/../x", BinaryCacheObjectKind.Log)]
    [InlineData("nar/x", BinaryCacheObjectKind.Log)]
    [InlineData("x.narinfo", BinaryCacheObjectKind.NarInfo)]
    [InlineData("nar/a\nb", BinaryCacheObjectKind.Nar)]
    public void RefusesHostileKeys(string key, BinaryCacheObjectKind kind)
    {
        var plan = Sample(objects: [new(key, kind, 1, null, null, null, null)]);
        Assert.Equal("PrunePlanDamaged", Assert.Throws<NixStoreException>(() => plan.ReadObjects(PlannedObject.WaveOf(kind)).ToList()).ErrorId);
    }

    [Fact]
    public void TakesOnlyItsOwnFolder()
    {
        Sample();
        Assert.Equal("PrunePlanExists", Assert.Throws<NixStoreException>(() => PrunePlanWriter.Create(_directory / "a.plan")).ErrorId);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_directory / "other").FullName, "precious"), "");
        Assert.Equal("PrunePlanFolderNotEmpty", Assert.Throws<NixStoreException>(() => PrunePlanWriter.Create(_directory / "other")).ErrorId);

        // What a killed run has left goes.
        File.Delete(_directory / "a.plan/plan.json");
        Assert.Equal([Objects()[0]], Sample().ReadObjects(2));
    }

    private PrunePlan Sample(string name = "a.plan", string author = "me", IEnumerable<PlannedObject>? objects = null)
    {
        var writer = PrunePlanWriter.Create(_directory / name);
        writer.Write([NarInfo()]);
        writer.Write(objects ?? Objects());
        return writer.Finish(new BinaryCachePrunePlan
        {
            CreatedAt = s_time,
            Author = author,
            Cache = "s3://cache",
            StoreDirectory = "/nix/store",
            Source = new PrunePlanSource { Digest = "0" },
            Policy = new PrunePlanPolicy { MinimumAge = TimeSpan.FromDays(30), TooYoungSince = s_time.AddDays(-30) },
            Totals = new PrunePlanTotals
            {
                Paths = 1,
                Objects = new SortedDictionary<string, long> { ["Nar"] = 1, ["NarInfo"] = 1 },
                Bytes = new SortedDictionary<string, long> { ["Nar"] = 100, ["NarInfo"] = 10 },
            },
        });
    }

    private static PlannedNarInfo NarInfo() => new(s_hash, "a-1", "Iso", "nar/a.nar.xz", "sha256:x", 200, 100, s_time, null, true);

    private static PlannedObject[] Objects() =>
    [
        new("nar/a.nar.xz", BinaryCacheObjectKind.Nar, 100, "tag", s_time, "STANDARD", s_hash),
        new($"{s_hash}.narinfo", BinaryCacheObjectKind.NarInfo, 10, null, null, null, s_hash),
    ];
}
