using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Doctor;

/// <summary>
/// Repairs a whole store, however badly it is damaged, in the order in which one thing depends on the other: state directory and roots, the
/// database, what lives, what is dead and damaged, links. An empty or unmounted store directory is refused, and nothing that cannot be brought back again is
/// deleted: the old database is kept, and what is set aside lies in the trash.
/// </summary>
public static class StoreDoctor
{
    /// <summary>Each round knows what the one before has brought back; what takes more is no work that ends.</summary>
    private const int MostRounds = 4;

    /// <summary>Says what is wrong and what would be done. Changes nothing, not even an access time.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="NixStoreException">StoreDirectoryEmpty, SchemaTooNew, SchemaTooOld, DatabaseNotFound, …</exception>
    /// <exception cref="OperationCanceledException"/>
    public static NixStoreRepair Diagnose(StoreLocation store, DoctorOptions options, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        SchemaFile.EnsureReadable(store);
        var report = new DoctorReport(store, options);
        var look = new StoreLook(store, options, cancellation);
        if (new DatabaseStage(store, options, look, report, cancellation).Plan())
        {
            new PathStage(store, options, look, report, cancellation).Plan(look.FindDamaged());
        }
        else
        {
            report.Step(StoreRepairStepKind.Verify, null,
                "look at all paths, as soon as the database is healed; repair what lives and set aside what is dead", StoreRepairStepOutcome.Planned);
        }

        new UpkeepStage(store, options, report, cancellation).Plan();
        return report.Finish(isApplied: false);
    }

    /// <summary>Repairs. Ended or killed at any moment, it leaves nothing worse than before, and the next run goes on.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="NixStoreException">As <see cref="Diagnose"/>; StoreReadOnly, StoreLocked, AccessDenied, …</exception>
    /// <exception cref="OperationCanceledException"/>
    public static NixStoreRepair Repair(StoreLocation store, DoctorOptions options, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        StoreAccess.EnsureWritable(store);
        SchemaFile.EnsureReadable(store);
        var report = new DoctorReport(store, options);
        var look = new StoreLook(store, options, cancellation);
        var database = new DatabaseStage(store, options, look, report, cancellation);
        var upkeep = new UpkeepStage(store, options, report, cancellation);
        upkeep.Look(report.Found);
        var needsHealing = database.Examine();
        upkeep.MendState();
        if (needsHealing)
        {
            database.Heal();
        }

        var damaged = look.FindDamaged();
        if (damaged.Count > 0 || report.Steps.Count > 0)
        {
            database.BackUp();
        }

        var paths = new PathStage(store, options, look, report, cancellation);
        paths.Mend(damaged);

        // A derivation that is back tells what its outputs are, and a path what it refers to.
        for (var round = 1; round < MostRounds && damaged.Count > 0 && database.Examine() && database.Heal(); round++)
        {
            damaged = look.FindDamaged();
            paths.Mend(damaged);
        }

        var unrepaired = paths.TellUnrepaired();
        upkeep.MendLinks();
        Verify(look, upkeep, report, unrepaired);
        return report.Finish(isApplied: true);
    }

    /// <summary>The last look: what is still wrong is left for people, each with its remedy.</summary>
    private static void Verify(StoreLook look, UpkeepStage upkeep, DoctorReport report, IReadOnlySet<string> told)
    {
        foreach (var finding in look.ExamineDatabase().Where(finding => finding.Path is null || !told.Contains(finding.Path)))
        {
            report.Left(StoreFinding.From(finding));
        }

        upkeep.Look(report.Left);
    }
}
