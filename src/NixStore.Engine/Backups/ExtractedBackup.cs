using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>The database of a backup, unpacked into a directory and found to be sound.</summary>
internal sealed class ExtractedBackup
{
    private ExtractedBackup(string file, BackupHead head, StoreLocation copy) => (File, Head, Copy) = (file, head, copy);

    /// <summary>The backup's file.</summary>
    internal string File { get; }

    /// <summary>What it says of itself.</summary>
    internal BackupHead Head { get; }

    /// <summary>The store, with the unpacked database instead of its own.</summary>
    internal StoreLocation Copy { get; }

    /// <summary>Unpacks and checks a backup.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="store">The store that it is to be restored to.</param>
    /// <param name="directory">An empty directory.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">BackupDamaged, BackupTooNew, BackupNotSound, BackupOfOtherStore, BackupOfOtherSchema</exception>
    /// <exception cref="StoreIOException"/>
    internal static ExtractedBackup Extract(string file, StoreLocation store, string directory, CancellationToken cancellation)
    {
        EnsureFits(file, BackupFile.ReadHead(file).Head, store);
        var copy = DatabaseExamination.CopyIn(store, directory);
        using (var parent = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory))
        {
            Posix.MkdirAt(parent, ByteName.From("db"), 0b111_000_000);
        }

        var head = BackupFile.Extract(file, copy.DatabasePath, cancellation);
        var (rows, findings) = Examine(file, copy, cancellation);
        return findings.Count > 0 ? throw BackupFile.Damaged(file, $"the database in it fails its checks ({string.Join("; ", findings)})")
            : rows != head.Rows ? throw BackupFile.Damaged(file, $"the database in it has {rows} rows instead of {head.Rows}")
            : new ExtractedBackup(file, head, copy);
    }

    /// <summary>Its rows by path: what is needed to see how they fit to the store directory.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal Dictionary<string, BackupRow> ReadRows()
    {
        using var database = StoreDatabase.OpenForReading(Copy);
        return database.ReadPaths().ToDictionary(
            row => row.Path, row => new BackupRow(row.RegistrationTime ?? 0, row.References), StringComparer.Ordinal);
    }

    private static DatabaseExamination Examine(string file, StoreLocation copy, CancellationToken cancellation)
    {
        try
        {
            return DatabaseExamination.Of(copy, cancellation);
        }
        catch (StoreDatabaseException error)
        {
            throw BackupFile.Damaged(file, $"the database in it cannot be opened ({error.Message})", error);
        }
    }

    private static void EnsureFits(string file, BackupHead head, StoreLocation store)
    {
        if (head.StoreDirectory != store.Directory.Path)
        {
            throw new NixStoreException("BackupOfOtherStore", StoreErrorKind.InvalidArgument,
                $"The backup '{file}' is of a store at {head.StoreDirectory}, not {store.Directory.Path}: none of its paths would be right.", file,
                "Give a backup of this store, or the store that the backup is of (-Store).");
        }

        if (head.Findings.Count > 0)
        {
            throw new NixStoreException("BackupNotSound", StoreErrorKind.InvalidData,
                $"The backup '{file}' is of a database that was damaged already ({string.Join("; ", head.Findings)}).", file,
                "Take an earlier one; gunzip gets the damaged database out of this one.");
        }

        if (head.Schema is not null and not SchemaFile.Current)
        {
            throw new NixStoreException("BackupOfOtherSchema", StoreErrorKind.NotSupported,
                $"The backup '{file}' is of a database with schema {head.Schema}; only {SchemaFile.Current} is known here.", file,
                "Use the NixStore and the Nix of the time when it was made.");
        }
    }
}

/// <summary>A row of a backup.</summary>
/// <param name="RegistrationTime">Unix seconds.</param>
/// <param name="References">Full logical paths.</param>
internal sealed record BackupRow(long RegistrationTime, IReadOnlyList<string> References);
