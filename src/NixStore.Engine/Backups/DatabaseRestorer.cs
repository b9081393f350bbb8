using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Backups;

/// <summary>Restores a backup of a store's database, and fits it to what is in the store directory by now.</summary>
public static class DatabaseRestorer
{
    /// <summary>Says what restoring a backup would do. Changes nothing, and needs no lock: what is being built meanwhile may not be in it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="file">The backup.</param>
    /// <param name="acceptLosses">True to go on even though most of the paths in the backup have no files any more.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">
    /// BackupDamaged, BackupTooNew, BackupNotSound, BackupOfOtherStore, BackupOfOtherSchema, StoreDirectoryIncomplete, ScratchNotWritable
    /// </exception>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreDatabaseException">SchemaTooNew</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreDatabaseRestore Predict(StoreLocation store, string file, bool acceptLosses, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        SchemaFile.EnsureReadable(store);
        using var scratch = ScratchDirectory.Make(file);
        var backup = ExtractedBackup.Extract(file, store, scratch.Path, cancellation);
        return Describe(store, backup, RestorePlan.Make(store, backup, acceptLosses, cancellation));
    }

    /// <summary>
    /// Restores a backup: unpacks and checks it, waits until nobody has the store open, drops and takes over rows, checks again, and puts it in
    /// the database's place by one rename. The old database is set aside.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="file">The backup.</param>
    /// <param name="acceptLosses">See <see cref="Predict"/>.</param>
    /// <param name="timeout">How long to wait for those who have the store open; infinite when negative.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <param name="cancellation">Ends it, before the database is replaced.</param>
    /// <exception cref="NixStoreException">
    /// As <see cref="Predict"/>; StoreReadOnly, StoreLocked: somebody has the store open; AccessDenied, WriteFailed
    /// </exception>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreDatabaseException">SchemaTooNew, DatabaseInUse, DiskFull</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreDatabaseRestore Restore(
        StoreLocation store, string file, bool acceptLosses, TimeSpan timeout, Action? waiting, CancellationToken cancellation)
    {
        StoreAccess.EnsureNoOverlay(store);
        StoreAccess.EnsureWritable(store);
        SchemaFile.EnsureReadable(store);
        using var directory = BackupDirectory.OpenOrMake($"{store.StateDirectory}/db");
        BackupDirectory.RemoveStaleStaging(directory);
        using var staging = StagingDirectory.Create(directory);

        // Before the lock: builds need not wait for this.
        var backup = ExtractedBackup.Extract(file, store, staging.Directory.Path, cancellation);
        using var bigLock = BigLock.AcquireExclusive(store, timeout, waiting, cancellation);
        DatabaseReplacement.UndoInterrupted(directory);
        EnsureNotOpen(store);
        var plan = RestorePlan.Make(store, backup, acceptLosses, cancellation);
        Apply(plan, backup, cancellation);
        using var fresh = Posix.OpenAt(staging.Directory, ByteName.From("db"), OpenFlags.ReadOnly | OpenFlags.Directory);
        var result = Describe(store, backup, plan);
        cancellation.ThrowIfCancellationRequested();
        return result with { IsApplied = true, ReplacedDatabase = DatabaseReplacement.Put(store, directory, fresh) };
    }

    private static void EnsureNotOpen(StoreLocation store)
    {
        using var files = DatabaseFiles.Use();
        if (DatabaseAccess.IsOpenElsewhere(files, store.DatabasePath))
        {
            throw DatabaseReplacement.InUse(store);
        }
    }

    /// <summary>Changes the unpacked database as planned.</summary>
    private static void Apply(RestorePlan plan, ExtractedBackup backup, CancellationToken cancellation)
    {
        using (var copy = Posix.Open($"{backup.Copy.StateDirectory}/db", OpenFlags.ReadOnly | OpenFlags.Directory))
        {
            SchemaFile.Write(backup.Copy, copy);
        }

        using (var writer = StoreDatabaseWriter.Open(backup.Copy, cancellation))
        {
            writer.Reconcile(plan.Forgotten, plan.TakenOver);
        }

        // Looked at without its log, which was taken in when it was closed.
        foreach (var log in (string[])["-wal", "-shm"])
        {
            File.Delete(backup.Copy.DatabasePath + log);
        }

        var (rows, findings) = DatabaseExamination.Of(backup.Copy, cancellation);
        if (findings.Count > 0 || rows != plan.Rows)
        {
            throw BackupFile.Damaged(backup.File,
                findings.Count > 0 ? $"fitted to the store directory, it fails its checks ({string.Join("; ", findings)})"
                    : $"fitted to the store directory, it has {rows} rows instead of {plan.Rows}");
        }
    }

    private static StoreDatabaseRestore Describe(StoreLocation store, ExtractedBackup backup, RestorePlan plan) => new()
    {
        Store = store.Url,
        Backup = backup.File,
        BackupCreated = backup.Head.Created,
        IsApplied = false,
        Rows = plan.Rows,
        Changes = plan.ListChanges(),
        UnreadableReason = plan.UnreadableReason,
    };
}
