using NixStore.Engine.Backups;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>
/// What must hold of a store whose doctor was killed: everything alive is what it was or what it should be, each backup is whole, and the next run
/// heals it; what was backed up can be restored.
/// </summary>
internal sealed class DoctorKillProof : IDisposable
{
    private readonly SignedCache _cache;
    private readonly DoctorStore _damaged;
    private readonly SortedDictionary<string, string> _before;
    private readonly SortedDictionary<string, string> _good;

    internal DoctorKillProof(Lab lab)
    {
        // In this order, as a later kind would leave nothing for an earlier one to do.
        _damaged = DoctorStore.MakeDamaged(
            "i6-links-repaired-then-optimise", "c1-zero-length-file", "g4-cycle", "f1-row-missing-referrers-exist", "h1-page-zeroed");
        _cache = _damaged.CacheIn(lab);
        using var whole = DoctorStore.MakeWhole(optimised: true);
        _good = TreeStates.Read(whole.Location.RealDirectory);
        _before = TreeStates.Read(_damaged.Location.RealDirectory);
    }

    /// <summary>A store to be healed and killed.</summary>
    internal DoctorStore CopyDamaged() => _damaged.Copy();

    /// <summary>The command line that heals it.</summary>
    internal string[] HealingOf(DoctorStore store) => store.HealingFrom(_cache, "--jobs", "1");

    /// <summary>Proves it, whether the doctor was killed or not.</summary>
    internal void Verify(DoctorStore killed, string where)
    {
        ExpectNothingWorse(killed, where);
        ExpectBackupsWhole(killed, where);

        var next = killed.Heal(_cache);

        Assert.True(next.Fate == DoctorFate.Healed, $"{where}: the next run did not complete: {next}");
        HealedCheck.Ensure(killed, where);
        ExpectRestorable(killed, ExpectBackupsWhole(killed, where), where);
    }

    public void Dispose() => _damaged.Dispose();

    private void ExpectNothingWorse(DoctorStore killed, string where)
    {
        var now = TreeStates.Read(killed.Location.RealDirectory);
        var worse = _before.Keys.Union(_good.Keys).Union(now.Keys).Where(path => killed.Truth.Live.Contains(path.Split('/')[0]))
            .Where(path => State(now, path) is var state && state != State(_before, path) && state != State(_good, path))
            .Select(path => $"{path}: {State(now, path)}, was {State(_before, path)}, should be {State(_good, path)}").ToList();
        Assert.True(worse.Count == 0, $"{where}: worse than before:\n{string.Join('\n', worse)}");
    }

    private static List<StoreDatabaseBackup> ExpectBackupsWhole(DoctorStore store, string where)
    {
        var backups = DatabaseBackups.List(DatabaseBackups.DirectoryOf(store.Location), error => Assert.Fail($"{where}: {error.Message}")).ToList();
        return backups.ConvertAll(backup => DatabaseBackups.Verify(backup, CancellationToken.None));
    }

    /// <summary>What was damaged when it was backed up is kept for experts, and never restored.</summary>
    private static void ExpectRestorable(DoctorStore store, List<StoreDatabaseBackup> backups, string where)
    {
        if (backups.LastOrDefault(backup => backup.IsSound) is not { } newest)
        {
            return;
        }

        using var copy = store.Copy();
        var file = $"{DatabaseBackups.DirectoryOf(copy.Location)}/{Path.GetFileName(newest.Path)}";
        var restore = DatabaseRestorer.Restore(copy.Location, file, acceptLosses: false, TimeSpan.FromMinutes(1), null, CancellationToken.None);
        Assert.True(restore.IsApplied, where);
        Assert.Equal("ok", Command.Run("sqlite3", copy.Location.DatabasePath, "pragma integrity_check"));
    }

    private static string State(SortedDictionary<string, string> states, string path) => states.GetValueOrDefault(path, TreeStates.Absent);
}
