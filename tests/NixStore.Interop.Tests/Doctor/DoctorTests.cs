using NixStore.Interop.Tests.Rebuilding;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>
/// `nixstore doctor` on every kind of damage. With a source the store is as it was before; without one what can be made again is, the rest is named,
/// and nothing is worse.
/// </summary>
[Collection(LabCollection.Name)]
public sealed class DoctorTests(Lab lab)
{
    private const string EmptyStore = "b4-empty-store-not-mounted";

    public static TheoryData<string> Cases => [.. DoctorTable.All.Select(damage => damage.Name)];

    /// <summary>The first of each group: all of them take minutes, and are for the soak.</summary>
    public static TheoryData<string> SomeCases
        => [.. DoctorTable.All.Where(damage => IsSample(damage.Name)).Select(damage => damage.Name)];

    /// <summary>Every other one of them.</summary>
    public static TheoryData<string> FewCases => [.. DoctorTable.All.Where(damage => IsSample(damage.Name)).Where((_, at) => at % 2 == 0).Select(damage => damage.Name)];

    [SkippableTheory]
    [MemberData(nameof(SomeCases))]
    public void With_a_source_the_store_is_what_it_was(string name) => WithSource(name, IsSample(name));

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void With_a_source_the_store_is_what_it_was_however_one_looks_at_it(string name) => WithSource(name, thorough: true);

    [SkippableTheory]
    [MemberData(nameof(FewCases))]
    public void Without_a_source_nothing_is_worse_and_what_is_left_is_named(string name) => WithoutSource(name, IsSample(name));

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void Without_a_source_nothing_is_worse_however_one_looks_at_it(string name) => WithoutSource(name, thorough: true);

    [SkippableFact]
    public void A_store_that_really_is_empty_is_filled_again_when_that_is_said()
    {
        using var store = DoctorStore.MakeDamaged(EmptyStore);

        var result = store.Heal(store.CacheIn(lab), "--accept-empty");

        Assert.True(result.Fate == DoctorFate.Healed, result.ToString());
        HealedCheck.Ensure(store, EmptyStore);
    }

    [SkippableTheory]
    [InlineData("c1-zero-length-file")]
    [InlineData("f1-row-missing-referrers-exist")]
    [InlineData("h3-db-truncated")]
    [InlineData("i1-links-bitflip-shared")]
    [InlineData("k8-roots-broken")]
    public void A_plan_changes_nothing(string name)
    {
        using var store = DoctorStore.MakeDamaged(name);
        var untouched = Untouched.Of(store.Location);

        var result = new DoctorResult(RescueProgram.Run(store.HealingFrom(store.CacheIn(lab), "--dry-run")));

        Assert.True(result.HasReport, result.ToString());
        untouched.Verify();
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_whole_store_is_left_alone(bool optimised)
    {
        using var store = DoctorStore.MakeWhole(optimised);
        var before = store.Fingerprint();

        var result = store.Heal(store.CacheIn(lab));

        Assert.True(result.Fate == DoctorFate.Healed, result.ToString());
        Assert.Equal(before, store.Fingerprint());
    }

    [SkippableFact]
    public void What_is_healed_needs_no_healing_any_more()
    {
        using var store = DoctorStore.MakeDamaged("c1-zero-length-file", "g3-missing-refs-row", "h7-index-entry-missing");
        Assert.Equal(DoctorFate.Healed, store.Heal(store.CacheIn(lab)).Fate);
        var before = store.Fingerprint();

        var result = store.Heal(store.CacheIn(lab));

        Assert.True(result.Fate == DoctorFate.Healed, result.ToString());
        Assert.Equal(before, store.Fingerprint());
    }

    [SkippableFact]
    public void The_report_is_a_page()
    {
        using var directory = new TemporaryDirectory();
        using var store = DoctorStore.MakeDamaged("c1-zero-length-file");

        var result = store.Heal(store.CacheIn(lab), "--report", directory["report.html"]);

        Assert.True(result.Fate == DoctorFate.Healed, result.ToString());
        Assert.Contains(store.Files.PathOf("libfoo3-1.3"), File.ReadAllText(directory["report.html"]), StringComparison.Ordinal);
    }

    /// <summary>One of each group of cases is looked at thoroughly every time.</summary>
    private static bool IsSample(string name) => DoctorTable.Get(name).Number[1..] == "1";

    private void WithSource(string name, bool thorough)
    {
        var expected = DoctorTable.Get(name);
        using var store = DoctorStore.MakeDamaged(name);
        var before = store.Fingerprint();

        var result = store.Heal(store.CacheIn(lab));

        Assert.True(expected.With == result.Fate, $"{name}: {result.Fate}: {result}");
        if (expected.With == DoctorFate.Refused)
        {
            Assert.Equal(before, store.Fingerprint());
            return;
        }

        Assert.Empty(result.Remaining);
        HealedCheck.Ensure(store, name, thorough: thorough);
    }

    private static void WithoutSource(string name, bool thorough)
    {
        var expected = DoctorTable.Get(name);
        using var store = DoctorStore.MakeDamaged(name);
        var before = store.Fingerprint();
        var damaged = StoreTruth.ReadContents(store.Location.RealDirectory);

        var result = store.HealWithoutSource();

        if (result.Fate == DoctorFate.Refused)
        {
            Assert.Equal(before, store.Fingerprint());
        }
        else
        {
            ExpectNothingWorse(store, damaged, result);
        }

        Assert.True(expected.Without == result.Fate, $"{name}: {result.Fate}: {result}");
        Assert.Equal(expected.Left.Order(StringComparer.Ordinal), result.Names);
        if (result.Fate == DoctorFate.Healed)
        {
            HealedCheck.Ensure(store, name, withSource: false, thorough);
        }
    }

    /// <summary>
    /// Each path that is alive is what it was before the damage, or what it was before the doctor came; what was intact has its row; what is not
    /// what it should be is named, with what can be done.
    /// </summary>
    private static void ExpectNothingWorse(DoctorStore store, IReadOnlyDictionary<string, string> damaged, DoctorResult result)
    {
        var truth = store.Truth;
        var now = StoreTruth.ReadContents(store.Location.RealDirectory);
        var rows = StoreRows.Read(store.Location);
        var present = rows.Paths.ToHashSet(StringComparer.Ordinal);
        foreach (var name in truth.Live)
        {
            var (state, was, should) = (now.GetValueOrDefault(name), damaged.GetValueOrDefault(name), truth.Contents[name]);
            Assert.True(state == should || state == was, $"{name} is neither what it was nor what it should be.");
            if (state == should)
            {
                Assert.True(present.Contains($"/nix/store/{name}"), $"{name} has no row.");
                Assert.Equal(truth.Rows[$"/nix/store/{name}"].Hash, rows[$"/nix/store/{name}"].Hash);
            }
            else
            {
                Assert.True(result.Remaining.Any(finding => finding.Path == $"/nix/store/{name}"), $"{name} is not mended and not named: {result}");
            }
        }

        Assert.All(result.Remaining, finding => Assert.False(string.IsNullOrEmpty(finding.Remedy), $"{finding} has no remedy."));
    }
}
