using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Damage;

/// <summary>Every kind of real-life damage, found and repaired on a store that real Nix made, with real Nix having the last word.</summary>
[Collection(LabCollection.Name)]
public sealed class DamageTests(Lab lab)
{
    public static TheoryData<string> Cases => new(DamageTable.All.Select(damage => damage.Name));

    /// <summary>Every other one, of all sorts; the soak has all.</summary>
    public static TheoryData<string> SomeCases => new(DamageTable.All.Where((_, i) => i % 5 == 0).Select(damage => damage.Name));

    public static TheoryData<string> CasesRepairedFromItself
        => new(DamageTable.All.Where(damage => damage.Fate == Fate.RepairedFromItself).Select(damage => damage.Name));

    [SkippableTheory]
    [MemberData(nameof(SomeCases))]
    public void Damage_is_found_and_what_belongs_to_us_is_repaired(string name) => FindAndRepair(name);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void Any_damage_is_found_and_what_belongs_to_us_is_repaired(string name) => FindAndRepair(name);

    [SkippableTheory]
    [MemberData(nameof(CasesRepairedFromItself))]
    public void What_the_store_itself_can_give_needs_no_source(string name)
    {
        using var store = MakeDamaged(DamageTable.Get(name));

        var (repairs, errors) = store.Repair(store.Check());

        Assert.Empty(errors);
        Assert.All(repairs, repair => Assert.Equal(RepairOutcome.Repaired, repair.Outcome));
        Assert.DoesNotContain(store.Check(), path => path.Invalid);
    }

    [SkippableFact]
    public void The_table_has_every_case()
    {
        Skip.IfNot(Command.Exists("python3"), "TOOLS MISSING: python3");
        var cases = Command.Run("python3", $"{SourceTree.Interop}/damage.py", "list").Split('\n').Select(line => line.Split('\t')[0]);

        Assert.Equal(cases, DamageTable.All.Select(damage => damage.Name));
        Assert.Equal(78, DamageTable.All.Count);
    }

    [SkippableFact]
    public void An_empty_store_directory_is_not_refilled_without_force()
    {
        using var store = MakeDamaged(DamageTable.Get("b4-empty-store-not-mounted"));
        var before = StoreContents.HashBelow(store.Location.RealDirectory);
        var path = PathInBase("LICENSE");
        var one = new StorePathInfo
        {
            Store = store.Location.Url, Path = path, RealPath = "", StorePath = store.Location.Directory.Parse(path),
            Problems = [new(StoreProblemKind.Missing)],
        };

        var (_, errors) = store.Repair([one], lab.CacheOf(optimised: false));
        Assert.Equal("StoreDirectoryEmpty", Assert.Single(errors).ErrorId);
        Assert.Equal(before, StoreContents.HashBelow(store.Location.RealDirectory));

        var (repairs, _) = store.Repair([one], lab.CacheOf(optimised: false), options => options with { AcceptEmptyStore = true });
        Assert.Equal(RepairOutcome.Repaired, Assert.Single(repairs).Outcome);
    }

    [SkippableFact]
    public void A_lost_signature_comes_back_from_the_cache()
    {
        using var store = MakeDamaged(DamageTable.Get("g8-bad-sigs"));

        store.Repair(store.Check(), lab.CacheOf(optimised: false));

        var signatures = PhysicalNix.Run(store.Root, "nix234", "path-info", "--sigs", store.PathOf("app-2.0"));
        Assert.Contains(" lab-1:", signatures.Output, StringComparison.Ordinal);
    }

    private void FindAndRepair(string name)
    {
        var damage = DamageTable.Get(name);
        using var store = MakeDamaged(damage);
        var untouched = Untouched.Of(store.Location);
        if (damage.Fate == Fate.Refused)
        {
            Assert.Equal(damage.ErrorId, Assert.ThrowsAny<NixStoreException>(store.Check).ErrorId);
            untouched.Verify();
            return;
        }

        var found = store.Check();
        Assert.Equal(damage.Found.Order(StringComparer.Ordinal), found.Select(Describe).Order(StringComparer.Ordinal));
        Assert.Equal(damage.IsRepaired, found.Any(path => path.Invalid));
        untouched.Verify();
        if (damage.IsRepaired)
        {
            Repair(store, damage, found);
        }
    }

    private static StoreUnderTest MakeDamaged(DamageCase damage)
    {
        var store = new StoreUnderTest(damage.NeedsOptimisedStore);
        try
        {
            Skip.If(damage.NeedsImmutableFlag && !store.HasImmutableFlag(), "NO IMMUTABLE FLAG: the file system of TMPDIR has none; use ext4, XFS or Btrfs");
            var before = StoreContents.Hash($"{store.Root}/nix");
            store.Damage(damage.Name);
            Assert.NotEqual(before, StoreContents.Hash($"{store.Root}/nix"));
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private void Repair(StoreUnderTest store, DamageCase damage, IReadOnlyList<StorePathInfo> found)
    {
        if (damage.Fate == Fate.RepairedFromSource)
        {
            ExpectNothingWithoutSources(store, found);
        }

        var (repairs, errors) = store.Repair(found, lab.CacheOf(damage.NeedsOptimisedStore));
        Assert.Empty(errors);
        Assert.Contains(repairs, repair => repair.Outcome == RepairOutcome.Repaired);
        Assert.DoesNotContain(store.Check(), path => path.Invalid);

        var nix = PhysicalNix.Verify(store.Root);
        Assert.True(nix.ExitCode == 0, nix.Error);
        Assert.DoesNotContain("modified", nix.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("disappeared", nix.Error, StringComparison.Ordinal);
    }

    private static void ExpectNothingWithoutSources(StoreUnderTest store, IReadOnlyList<StorePathInfo> found)
    {
        var before = StoreContents.HashBelow(store.Location.RealDirectory);

        var (repairs, errors) = store.Repair(found);

        Assert.Empty(repairs);
        Assert.All(errors, error => Assert.Equal("PathNotRepairable", error.ErrorId));
        Assert.Equal(before, StoreContents.HashBelow(store.Location.RealDirectory));
    }

    private static string PathInBase(string name)
    {
        using var store = new StoreUnderTest(optimised: false);
        return store.PathOf(name);
    }

    private static string Describe(StorePathInfo path) => $"{path.Name}: {path.State} "
        + $"[{string.Join(", ", path.Problems.Select(problem => problem.File.Length == 0 ? $"{problem.Kind}" : $"{problem.Kind} {problem.File}"))}]";
}
