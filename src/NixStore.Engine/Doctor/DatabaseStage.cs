using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Healing;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using static NixStore.StoreDatabaseFindingKind;

namespace NixStore.Engine.Doctor;

/// <summary>The database: it is healed first, since everything else is decided by it.</summary>
internal sealed class DatabaseStage(StoreLocation store, DoctorOptions options, StoreLook look, DoctorReport report, CancellationToken cancellation)
{
    // What these say is a matter of the paths themselves, or of what a collection will do.
    private static readonly HashSet<StoreDatabaseFindingKind> s_aboutPaths
        = [RowWithoutFiles, FilesWithoutRow, DerivationUnreadable, ContentsDiffer, StoreDatabaseFindingKind.StoreDirectoryEmpty];

    private HealingOptions Healing => new() { Repair = options.Repair, Workers = options.Workers, Backup = DatabaseBackups.FindNewest(store)?.Path };

    /// <summary>Says what is wrong and would be done.</summary>
    /// <returns>True when the database can be relied on as it is.</returns>
    internal bool Plan()
    {
        if (!Examine())
        {
            return true;
        }

        var planned = DatabaseHealer.Plan(store, Healing, options.Progress.Begin("reading what the database still has"), cancellation);
        foreach (var step in planned.Steps)
        {
            report.Step(step);
        }

        return planned.Steps.All(step => step.Kind == StoreRepairStepKind.WriteSchema);
    }

    /// <summary>Heals.</summary>
    /// <returns>True when there was something to heal.</returns>
    internal bool Heal()
    {
        var healed = DatabaseHealer.Heal(
            store, Healing, options.Timeout, options.Waiting, options.Progress.Begin("healing the database"), cancellation);
        foreach (var step in healed.Steps)
        {
            report.Step(step);
        }

        report.ReplacedDatabase ??= healed.ReplacedDatabase;
        foreach (var row in healed.Certainties.Where(row => row.Hash == StoreCertainty.Assumed))
        {
            report.Left(new StoreFinding
            {
                Store = store.Url,
                Area = StoreFindingArea.Path,
                Kind = "HashAssumed",
                Severity = row.IsSuspect ? StoreFindingSeverity.Warning : StoreFindingSeverity.Information,
                Path = row.Path,
                Detail = row.Problems.Count > 0 ? $"{row.Problems[0]}" : "its row was lost; it was registered with the contents that it has, and nothing vouches for these",
                Remedy = "With a source that has it (-Source, -TrustedPublicKey), Test-StorePath and Repair-StorePath tell whether they are right.",
            });
        }

        return healed.Steps.Count > 0;
    }

    /// <summary>Backs the database up, which is sound by now, before anything else is changed.</summary>
    internal void BackUp()
    {
        options.Progress.Begin("backing up the database");
        try
        {
            var backup = DatabaseBackups.Make(store, DatabaseBackups.DirectoryOf(store), acceptDamage: false, cancellation);
            report.Backup = backup.Path;
            report.Step(StoreRepairStepKind.BackUpDatabase, backup.Path, $"back up the database to '{backup.Path}'", StoreRepairStepOutcome.Done);
        }
        catch (NixStoreException error) when (error.Kind != StoreErrorKind.PermissionDenied)
        {
            // No room for it, say: a store is not left broken for that. Whatever is changed below can be changed back.
            report.Step(StoreRepairStepKind.BackUpDatabase, null, "back up the database", StoreRepairStepOutcome.Failed, error: error);
        }
    }

    /// <summary>Tells what is wrong; true when something must be done. Changes nothing.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    internal bool Examine()
    {
        var findings = look.ExamineDatabase();
        if (!options.Repair.AcceptEmptyStore && findings.Any(finding => finding.Kind == StoreDatabaseFindingKind.StoreDirectoryEmpty))
        {
            using var database = StoreDatabase.OpenForReading(store);
            throw new StoreDirectoryEmptyException(store, database.CountPaths());
        }

        foreach (var finding in findings.Where(finding => finding.Kind is not (RowWithoutFiles or ContentsDiffer)))
        {
            report.Found(StoreFinding.From(finding));
        }

        return findings.Any(finding => finding.Severity > StoreFindingSeverity.Information && !s_aboutPaths.Contains(finding.Kind))
            || (findings.Any(finding => finding.Kind == FilesWithoutRow) && IsNeeded());
    }

    /// <summary>
    /// Files without a row are what an interrupted build leaves; unless a root or a registered path needs them, and their row was lost.
    /// </summary>
    private bool IsNeeded()
        => DatabaseHealer.Plan(store, Healing, options.Progress.Begin("reading paths without rows"), cancellation).Steps.Count > 0;
}
