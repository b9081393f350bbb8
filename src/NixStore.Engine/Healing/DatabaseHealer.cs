using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Examination;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Healing;

/// <summary>
/// Heals the database of a store, whatever is wrong with it. Nothing is mended in place: all rows that can be had are read, decided on, and
/// written into a new database, which then takes the place of the old one by a single rename. The old one is kept, as it was, beside it.
/// </summary>
public static class DatabaseHealer
{
    /// <summary>
    /// Says what healing would do. Changes nothing and takes no lock: what is being built meanwhile may look like a path whose row was lost.
    /// </summary>
    /// <exception cref="StoreDatabaseException">SchemaTooNew, SchemaTooOld</exception>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">StoreDirectoryEmpty, ScratchNotWritable; of the backup: BackupDamaged, BackupNotSound, BackupOfOtherStore, …</exception>
    /// <exception cref="OperationCanceledException"/>
    public static DatabaseHealing Plan(StoreLocation store, HealingOptions options, VerificationProgress progress, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        EnsureKnownSchema(store);
        if (!IsInUse(store))
        {
            return Decide(store, options, store.DatabasePath, progress, cancellation).Healing;
        }

        // Read page by page, a file that somebody writes to would look damaged.
        using var scratch = ScratchDirectory.Make(store.DatabasePath);
        var copy = $"{scratch.Path}/db.sqlite";
        using (var database = StoreDatabase.OpenForReading(store))
        {
            database.CopyTo(copy);
        }

        return Decide(store, options, copy, progress, cancellation).Healing;
    }

    /// <summary>
    /// Heals: waits until nobody has the store open, decides, writes the new database, examines it and puts it in the place of the old one.
    /// Killed at any moment, it leaves the old database or the new one.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="options">How.</param>
    /// <param name="timeout">How long to wait for those who have the store open; infinite when negative.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it, before the database is replaced.</param>
    /// <exception cref="NixStoreException">As <see cref="Plan"/>; StoreReadOnly, StoreLocked, AccessDenied, WriteFailed</exception>
    /// <exception cref="StoreDatabaseException">SchemaTooNew, DatabaseInUse, DiskFull</exception>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public static DatabaseHealing Heal(
        StoreLocation store, HealingOptions options, TimeSpan timeout, Action? waiting, VerificationProgress progress, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        StoreAccess.EnsureWritable(store);
        EnsureKnownSchema(store);
        using var directory = BackupDirectory.OpenOrMake($"{store.StateDirectory}/db");
        BackupDirectory.RemoveStaleStaging(directory);
        using var bigLock = BigLock.AcquireExclusive(store, timeout, waiting, cancellation);
        DatabaseReplacement.UndoInterrupted(directory);
        if (IsInUse(store))
        {
            throw DatabaseReplacement.InUse(store);
        }

        InterruptedChange.RollBack(store);
        var (healing, rows) = Decide(store, options, store.DatabasePath, progress, cancellation);
        var done = healing with { Steps = [.. healing.Steps.Select(step => step with { Outcome = StoreRepairStepOutcome.Done })] };
        if (healing.Steps.Any(step => step.Kind == StoreRepairStepKind.ReplaceDatabase))
        {
            var aside = Replace(store, directory, rows, cancellation);
            return done with { ReplacedDatabase = aside, Steps = [.. done.Steps.Select(step => Tell(step, aside))] };
        }

        if (healing.Steps.Any(step => step.Kind == StoreRepairStepKind.WriteSchema))
        {
            SchemaFile.Write(store, directory);
        }

        return done;
    }

    private static (DatabaseHealing Healing, HealedRows Rows) Decide(
        StoreLocation store, HealingOptions options, string file, VerificationProgress progress, CancellationToken cancellation)
    {
        var findings = new List<StoreDatabaseFinding>();
        DatabaseExaminer.Examine(store, new DatabaseExaminationOptions(), findings.Add, new ExaminationProgress(), cancellation);
        var remembered = options.Backup is { } backup ? BackupRows.Read(store, backup, cancellation) : [];
        var damaged = DamagedRows.Read(store, options.Rebuild ? null : file, remembered, cancellation);
        var rows = HealedRows.Decide(store, damaged, options, progress, cancellation);
        var healing = new DatabaseHealing
        {
            Findings = findings,
            Steps = HealingSteps.List(store, rows, findings, options.Rebuild),
            Certainties = rows.Certainties,
            Omitted = rows.Omitted,
        };
        return (healing, rows);
    }

    private static StoreRepairStep Tell(StoreRepairStep step, string? aside) => step.Kind != StoreRepairStepKind.ReplaceDatabase || aside is null ? step
        : step with { Path = aside, Detail = $"{step.Detail}, in '{aside}'" };

    private static string? Replace(StoreLocation store, FileDescriptor directory, HealedRows rows, CancellationToken cancellation)
    {
        using var staging = StagingDirectory.Create(directory);
        Posix.MkdirAt(staging.Directory, ByteName.From("db"), 0b111_000_000);
        using var fresh = Posix.OpenAt(staging.Directory, ByteName.From("db"), OpenFlags.ReadOnly | OpenFlags.Directory);
        var copy = DatabaseExamination.CopyIn(store, staging.Directory.Path);
        NewDatabase.Write(copy.DatabasePath, RowNumbers.Give(rows.Rows), cancellation);
        OtherTables.Copy(store.DatabasePath, copy.DatabasePath);
        SchemaFile.Write(copy, fresh);
        var (count, findings) = DatabaseExamination.Of(copy, cancellation);
        if (findings.Count > 0 || count != rows.Rows.Count)
        {
            throw new NixStoreException("DatabaseNotHealed", StoreErrorKind.InvalidData,
                $"The new database for {store.Url} fails its checks ({string.Join("; ", findings)}); nothing was changed.", store.DatabasePath,
                "Repair-StoreDatabase -Rebuild makes it of the files alone; Restore-StoreDatabase takes a backup.");
        }

        cancellation.ThrowIfCancellationRequested();
        return DatabaseReplacement.Put(store, directory, fresh);
    }

    private static void EnsureKnownSchema(StoreLocation store)
    {
        SchemaFile.EnsureReadable(store);
        if (SchemaFile.Read(store) is { } number and < SchemaFile.Current)
        {
            throw new StoreDatabaseException("SchemaTooOld", StoreErrorKind.NotSupported,
                $"The store {store.Url} has schema {number}; only {SchemaFile.Current} can be repaired.", store.SchemaPath,
                "Open the store once with a current Nix (nix-store --gc --print-roots), which brings it up to date.");
        }
    }

    private static bool IsInUse(StoreLocation store)
    {
        using var files = DatabaseFiles.Use();
        return DatabaseAccess.IsOpenElsewhere(files, store.DatabasePath);
    }
}
