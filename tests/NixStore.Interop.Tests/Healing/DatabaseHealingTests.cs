using NixStore.Caches.BinaryCaches;
using NixStore.Engine.Backups;
using NixStore.Engine.Examination;
using NixStore.Engine.Healing;
using NixStore.Engine.Repair;
using NixStore.Engine.Verification;
using NixStore.Interop.Tests.Damage;
using NixStore.Interop.Tests.Rebuilding;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Healing;

/// <summary>Databases that real Nix made, damaged in every way that is known, and healed.</summary>
[Collection(LabCollection.Name)]
public sealed class DatabaseHealingTests(Lab lab)
{
    // A wrong hash that is well-formed is told from wrong contents only by a look into them: a matter of paths.
    private static readonly string[] s_aboutPaths = ["g11-wrong-hash"];

    // A path that nothing needs and whose row is gone without a trace is left to garbage collection.
    private const string Forgotten = "h10-wal-lost";

    private static readonly string[] s_names = [.. DamageTable.All.Select(damage => damage.Name)
        .Where(name => name[0] is 'f' or 'g' or 'h' && !name.StartsWith("h13", StringComparison.Ordinal))];

    public static TheoryData<string> Cases => new(s_names);

    /// <summary>Every other one; the soak has all.</summary>
    public static TheoryData<string> SomeCases => new(s_names.Where((_, i) => i % 5 == 1));

    [SkippableTheory]
    [MemberData(nameof(SomeCases))]
    public void Every_row_comes_back_from_what_the_store_has(string name) => HealFromItself(name);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void Every_row_comes_back_whatever_the_damage(string name) => HealFromItself(name);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Soak")]
    public void With_a_source_the_lost_files_have_their_rows_too(string name)
    {
        using var store = new StoreUnderTest(optimised: false);
        var before = StoreRows.Read(store.Location);
        store.Damage(name);

        using var sources = SourceList.Open([lab.CacheOf(optimised: false).Url]);
        Heal(store, new HealingOptions
        {
            Workers = 2, CheckContents = true, Repair = new RepairOptions { Sources = [.. sources.Sources], TrustedKeys = SignedCache.Keys },
        });

        AssertHealthy(store, name);
        var after = StoreRows.Read(store.Location);
        if (name != Forgotten && !s_aboutPaths.Contains(name))
        {
            Assert.Equal(before.Essences(), after.Essences());
        }
    }

    [SkippableFact]
    public void A_backup_gives_what_files_do_not_tell()
    {
        using var store = new StoreUnderTest(optimised: false);
        var backup = DatabaseBackups.Make(store.Location, DatabaseBackups.DirectoryOf(store.Location), acceptDamage: false, CancellationToken.None);
        var before = StoreRows.Read(store.Location);
        store.Damage("h6-db-dir-missing");

        Heal(store, new HealingOptions { Workers = 2, Backup = backup.Path });

        var after = StoreRows.Read(store.Location);
        Assert.Equal(before.Essences(), after.Essences());
        Assert.All(before.Paths, path => Assert.Equal(
            (before[path].Signatures, before[path].Ultimate, before[path].RegistrationTime, before[path].Deriver),
            (after[path].Signatures, after[path].Ultimate, after[path].RegistrationTime, after[path].Deriver)));
    }

    [SkippableFact]
    public void What_was_deleted_since_a_backup_stays_deleted()
    {
        using var store = new StoreUnderTest(optimised: false);
        var backup = DatabaseBackups.Make(store.Location, DatabaseBackups.DirectoryOf(store.Location), acceptDamage: false, CancellationToken.None);
        store.Damage("e3-row-missing-no-referrer");

        Assert.Empty(Heal(store, new HealingOptions { Workers = 2, Backup = backup.Path }).Steps);
    }

    [SkippableFact]
    public void A_sound_database_is_left_alone()
    {
        using var store = new StoreUnderTest(optimised: false);
        var untouched = Untouched.Of(store.Location);

        Assert.Empty(DatabaseHealer.Plan(store.Location, new HealingOptions { Workers = 2, CheckContents = true }, new VerificationProgress(), default).Steps);

        untouched.Verify();
        var healing = Heal(store, new HealingOptions { Workers = 2 });
        Assert.Empty(healing.Steps);
        Assert.Null(healing.ReplacedDatabase);
    }

    private void HealFromItself(string name)
    {
        using var store = new StoreUnderTest(optimised: false);
        var before = StoreRows.Read(store.Location);
        store.Damage(name);

        var healing = Heal(store, new HealingOptions { Workers = 2, CheckContents = true });

        Assert.True(healing.Steps.Count > 0 || name is "h8-wal-leftover-committed" or "h10-wal-lost" or "g11-wrong-hash", name);
        AssertHealthy(store, name);
        var after = StoreRows.Read(store.Location);
        foreach (var path in before.Paths.Where(path => name != Forgotten || path != store.PathOf("garbage-top")))
        {
            Assert.Contains(path, after.Paths);
            if (!(name.StartsWith("f2", StringComparison.Ordinal) && after[path].NarSize is null) && !s_aboutPaths.Contains(name))
            {
                Assert.Equal(before.Essence(path), after.Essence(path));
            }
        }

        Assert.Empty(after.Paths.Except(before.Paths));
    }

    private static DatabaseHealing Heal(StoreUnderTest store, HealingOptions options)
        => DatabaseHealer.Heal(store.Location, options, TimeSpan.Zero, null, new VerificationProgress(), CancellationToken.None);

    private static void AssertHealthy(StoreUnderTest store, string name)
    {
        var findings = new List<StoreDatabaseFinding>();
        DatabaseExaminer.Examine(store.Location, new DatabaseExaminationOptions { CheckContents = true }, findings.Add, new ExaminationProgress(), default);
        Assert.DoesNotContain(findings, finding => finding.Severity > StoreFindingSeverity.Information
            && !(finding.Kind == StoreDatabaseFindingKind.RowWithoutFiles && name.StartsWith("f2", StringComparison.Ordinal))
            && !(finding.Kind == StoreDatabaseFindingKind.ColumnMalformed && name.StartsWith("f2", StringComparison.Ordinal))
            && !(finding.Kind == StoreDatabaseFindingKind.FilesWithoutRow && name == Forgotten)
            && !(finding.Kind == StoreDatabaseFindingKind.ContentsDiffer && name.StartsWith("g11", StringComparison.Ordinal)));
    }
}
