using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Backups;

/// <summary>Backups of store databases: making, listing and verifying them.</summary>
public static class DatabaseBackups
{
    private const int FileMode = 0b110_100_100;

    /// <summary>The directory for the backups of a store where no other is named.</summary>
    public static string DirectoryOf(StoreLocation store) => BackupDirectory.DefaultOf(store);

    /// <summary>
    /// Backs up the database as it is now, beside whoever writes to it (SQLite's backup interface, sqlite.org/backup.html). The copy is
    /// checked, compressed, read back and durable before it gets its name: whatever is called as a backup is one.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="directory">Where to; made when it is missing.</param>
    /// <param name="acceptDamage">True to back up a database that SQLite's checks find fault with; the backup says so and is never restored.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">DatabaseNotSound, StoreReadOnly, AccessDenied, WriteFailed</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static StoreDatabaseBackup Make(StoreLocation store, string directory, bool acceptDamage, CancellationToken cancellation)
    {
        if (store.IsReadOnly && directory == DirectoryOf(store))
        {
            throw new NixStoreException("StoreReadOnly", StoreErrorKind.PermissionDenied, $"The store {store.Url} was opened read-only.",
                store.Url, "Give a directory outside of the store as -Destination.");
        }

        using var database = StoreDatabase.OpenForReading(store.Own);
        using var target = BackupDirectory.OpenOrMake(directory);
        BackupDirectory.RemoveStaleStaging(target);
        using var staging = StagingDirectory.Create(target);
        var copy = DatabaseExamination.CopyIn(store, staging.Directory.Path);
        Posix.MkdirAt(staging.Directory, ByteName.From("db"), 0b111_000_000);
        var created = DateTimeOffset.UtcNow;
        database.CopyTo(copy.DatabasePath);
        var head = Describe(store, copy, created, cancellation);
        if (head.Findings.Count > 0 && !acceptDamage)
        {
            throw new NixStoreException("DatabaseNotSound", StoreErrorKind.InvalidData,
                $"The database '{store.DatabasePath}' was not backed up, as it fails its checks ({string.Join("; ", head.Findings)}).", store.DatabasePath,
                "Mend it (Test-StoreDatabase, Repair-StoreDatabase) or restore an earlier backup. To keep a copy of it as it is, use -Force.");
        }

        return Store(target, staging, directory, head, copy.DatabasePath, cancellation);
    }

    /// <summary>The backups in a directory, oldest first; what is in them is not looked at.</summary>
    /// <param name="directory">The directory; none are in one that does not exist.</param>
    /// <param name="damaged">Gets the error of each that cannot be read.</param>
    /// <exception cref="NixStoreException">AccessDenied, InputOutputError</exception>
    public static IEnumerable<StoreDatabaseBackup> List(string directory, Action<NixStoreException> damaged)
    {
        foreach (var file in BackupDirectory.FilesIn(directory))
        {
            StoreDatabaseBackup backup;
            try
            {
                backup = Read(file);
            }
            catch (NixStoreException error)
            {
                damaged(error);
                continue;
            }

            yield return backup;
        }
    }

    /// <summary>The newest backup of a store in its own directory that can be restored, as far as it says itself; null when there is none.</summary>
    /// <exception cref="NixStoreException">AccessDenied, InputOutputError</exception>
    public static StoreDatabaseBackup? FindNewest(StoreLocation store)
        => List(DirectoryOf(store), _ => { }).LastOrDefault(backup => backup.IsSound && backup.StoreDirectory == store.Directory.Path);

    /// <summary>What a backup says of itself.</summary>
    /// <exception cref="NixStoreException">BackupDamaged, BackupTooNew</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreDatabaseBackup Read(string file)
    {
        var (head, size) = BackupFile.ReadHead(file);
        return head.Describe(file, size);
    }

    /// <summary>Reads a backup as a whole.</summary>
    /// <returns>The backup, marked as verified.</returns>
    /// <exception cref="NixStoreException">BackupDamaged</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreDatabaseBackup Verify(StoreDatabaseBackup backup, CancellationToken cancellation)
    {
        BackupFile.Extract(backup.Path, null, cancellation);
        return backup with { Verified = true };
    }

    private static BackupHead Describe(StoreLocation store, StoreLocation copy, DateTimeOffset created, CancellationToken cancellation)
    {
        var (rows, findings) = DatabaseExamination.Of(copy, cancellation);
        var (digest, size) = BackupFile.Measure(copy.DatabasePath, cancellation);
        return new BackupHead(
            BackupHead.CurrentVersion, store.Url, store.Directory.Path, Environment.MachineName, created, rows, size, digest, findings, SchemaFile.Read(store));
    }

    private static StoreDatabaseBackup Store(
        FileDescriptor target, StagingDirectory staging, string directory, BackupHead head, string database, CancellationToken cancellation)
    {
        var fresh = staging.NewName();
        using (var file = Posix.OpenAt(staging.Directory, fresh, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, FileMode))
        {
            BackupFile.Write(file, head, database, cancellation);
            Posix.Fsync(file);
        }

        BackupFile.Extract(staging.Directory.Combine(fresh), null, cancellation);
        var name = BackupDirectory.FileNameOf(BackupDirectory.NewId(head.Created));
        Posix.RenameAt(staging.Directory, fresh, target, ByteName.From(name));
        Posix.Fsync(target);
        return Read($"{directory}/{name}") with { Verified = true };
    }
}
