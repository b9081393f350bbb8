using NixStore.Engine.Checkup;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Damage;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Checkup;

/// <summary>The look at a whole store finds every kind of real-life damage in stores that real Nix made, changes nothing, and finds nothing where nothing is wrong.</summary>
public sealed class CheckupDamageTests
{
    private const string Leftover = "a path that is not registered and that nothing needs is what interrupted work leaves, and a collection removes it";

    /// <summary>What is no fault, and why.</summary>
    private static readonly Dictionary<string, string> s_harmless = new(StringComparer.Ordinal)
    {
        ["e1-on-disk-not-in-db"] = Leftover,
        ["e3-row-missing-no-referrer"] = Leftover,
        ["e4-immutable-orphan"] = Leftover,
        ["h10-wal-lost"] = Leftover,
        ["e2-junk-name"] = "names that no path has are nobody's, and a collection removes them",
        ["h8-wal-leftover-committed"] = "a log that waits is SQLite's normal way, and whoever next opens the database takes it in",
        ["i4-links-dir-missing"] = "Nix makes the directory when it next opens the store",
        ["k1-stale-lock"] = "lock files of builds that are dead are in nobody's way, and a collection removes them",
        ["k2-chroot-leftover"] = "what killed builds leave is in nobody's way, and a collection removes it",
        ["k3-tmp-dirs"] = "what killed imports leave is in nobody's way, and a collection removes it",
        ["k4-stale-temproots"] = "temporary roots of processes that are gone keep nothing, a collection removes them; hidden files it skips",
        ["k6-gc-socket-leftover"] = "the next collector replaces the socket",
        ["k8-roots-broken"] = "links that lead nowhere keep nothing, and stop no collection",
    };

    /// <summary>What only reading contents can find: a look at sizes says that all is well.</summary>
    private static readonly HashSet<string> s_sameSize = new(StringComparer.Ordinal)
    {
        "c2-bit-flip", "c3-zeroed-file", "c7-fixed-output-flip", "c8-garbage-bitflip", "c9-source-dir-flip", "g3-missing-refs-row", "g11-wrong-hash",
        "i1-links-bitflip-shared", "i3-links-wrong-name", "i6-links-repaired-then-optimise", "j5-xattr",
    };

    public static TheoryData<string> Cases => new(DamageTable.All.Select(damage => damage.Name));

    /// <summary>Every sixth case: all of them take minutes, and are for the soak.</summary>
    public static TheoryData<string> SomeCases => new(DamageTable.All.Where((_, i) => i % 6 == 0).Select(damage => damage.Name));

    [SkippableTheory]
    [MemberData(nameof(SomeCases))]
    public void Some_damage_is_found_and_nothing_is_changed(string name) => LookAtDamage(name);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void Damage_is_found_and_nothing_is_changed(string name) => LookAtDamage(name);

    private static void LookAtDamage(string name)
    {
        var damage = DamageTable.Get(name);
        using var store = new StoreUnderTest(damage.NeedsOptimisedStore);
        Skip.If(damage.NeedsImmutableFlag && !store.HasImmutableFlag(), "NO IMMUTABLE FLAG: the file system of TMPDIR has none; use ext4, XFS or Btrfs");
        store.Damage(name);
        var untouched = Untouched.Of(store.Location);

        var found = Look(store.Location, new CheckupOptions { CheckContents = true, Record = false, Workers = 2 });
        var sizes = Look(store.Location, new CheckupOptions { SizeOnly = true, Record = false, Workers = 2 });

        untouched.Verify();
        Assert.True(HasFault(found) != s_harmless.ContainsKey(name), $"{name}:\n{Describe(found)}");
        Assert.True(HasFault(sizes) != (s_harmless.ContainsKey(name) || s_sameSize.Contains(name)), $"{name}, sizes:\n{Describe(sizes)}");
        Assert.True(found.DistinctBy(finding => (finding.Area, finding.Kind, finding.Path, finding.Detail)).Count() == found.Count, $"told twice:\n{Describe(found)}");
        Assert.All(found, finding => Assert.False(
            finding.Severity > StoreFindingSeverity.Information && finding.Remedy is null && finding.Kind != "CheckFailed", $"no remedy: {finding}"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_found_in_a_sound_store(bool optimised)
    {
        using var store = new StoreUnderTest(optimised);
        var untouched = Untouched.Of(store.Location);

        Assert.Equal("", Describe(Faults(Look(store.Location, new CheckupOptions()))));
        Assert.Equal("", Describe(Faults(Look(store.Location, new CheckupOptions { SizeOnly = true }))));
        Assert.Equal("", Describe(Faults(Look(store.Location, new CheckupOptions { CheckContents = true, Record = false }))));
        untouched.Verify();

        var options = new CheckupOptions { MaxAge = StoreAge.Parse("30d") };
        Assert.Equal("", Describe(Faults(Look(store.Location, options))));
        var progress = new CheckupProgress();
        StoreExaminer.Examine(store.Location, options, _ => { }, progress, CancellationToken.None);
        Assert.Equal(0, progress.Paths.TotalPaths);
    }

    [SkippableFact]
    public void Dead_paths_matter_less_than_living_ones()
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c8-garbage-bitflip");
        store.Damage("c2-bit-flip");

        var found = Look(store.Location, new CheckupOptions { CheckContents = true, Record = false });

        Assert.Equal(StoreFindingSeverity.Warning, found.First(finding => finding.Path == store.PathOf("garbage")).Severity);
        Assert.Equal(StoreFindingSeverity.Error, found.First(finding => finding.Path == store.PathOf("libfoo3-1.3")).Severity);
    }

    [SkippableFact]
    public void Many_missing_paths_are_told_each_and_a_missing_store_once()
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("a5-many-missing-chain");
        Assert.Equal(4, Look(store.Location, new CheckupOptions()).Count(finding => finding.Kind == "Missing"));

        using var empty = new StoreUnderTest(optimised: false);
        empty.Damage("b4-empty-store-not-mounted");
        var found = Look(empty.Location, new CheckupOptions { CheckContents = true, Record = false });
        Assert.Equal("StoreDirectoryEmpty", Assert.Single(Faults(found), finding => finding.Area != StoreFindingArea.Root).Kind);
        Assert.DoesNotContain(found, finding => finding.Area == StoreFindingArea.Path);
    }

    [SkippableFact]
    public void A_file_that_changed_since_it_was_intact_is_named_in_a_store_of_real_Nix()
    {
        using var store = new StoreUnderTest(optimised: false);
        Assert.Empty(Faults(Look(store.Location, new CheckupOptions { CheckContents = true })));
        store.Damage("c2-bit-flip");

        var found = Look(store.Location, new CheckupOptions { MaxAge = StoreAge.Parse("30d") });

        var finding = Assert.Single(found, finding => finding.Kind == "BytesChanged");
        Assert.StartsWith("lib/libfoo.so.1.0: ", finding.Detail, StringComparison.Ordinal);
        Assert.Equal(store.PathOf("libfoo3-1.3"), finding.Path);
    }

    private static List<StoreFinding> Look(StoreLocation store, CheckupOptions options)
    {
        var found = new List<StoreFinding>();
        StoreExaminer.Examine(store, options, found.Add, new CheckupProgress(), CancellationToken.None);
        return found;
    }

    /// <summary>How full this machine's disks are is no matter of the test.</summary>
    private static IEnumerable<StoreFinding> Faults(List<StoreFinding> found) => found.Where(finding => finding.Severity > StoreFindingSeverity.Information
        && finding.Kind is not ("DiskNearlyFull" or "DiskFull" or "InodesNearlyExhausted" or "InodesExhausted"));

    private static bool HasFault(List<StoreFinding> found) => Faults(found).Any();

    private static string Describe(IEnumerable<StoreFinding> found)
        => string.Join('\n', found.Select(finding => $"{finding.Severity} {finding.Area} {finding.Path} {finding}"));
}
