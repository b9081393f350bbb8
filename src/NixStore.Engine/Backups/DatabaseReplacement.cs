using System.Globalization;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>
/// Puts another database in the place of a store's, by one rename: whenever this is killed, the old one or the new one is there as a whole.
/// The old one is set aside, in a directory beside it. For callers who hold the big lock exclusively.
/// </summary>
/// <remarks>
/// A log is told from its name alone, and SQLite takes it into whatever database it finds beside it (sqlite.org/howtocorrupt.html §1.4). So the old
/// log is taken into the old database first, and only then is the name free for the new one.
/// </remarks>
internal static class DatabaseReplacement
{
    private const string Prefix = "replaced-";
    private const int PrivateDirectory = 0b111_000_000;
    private const int PublicFile = 0b110_100_100;

    private static readonly byte[] s_database = ByteName.From("db.sqlite");
    private static readonly byte[] s_schema = ByteName.From("schema");
    private static readonly byte[][] s_logs = [ByteName.From("db.sqlite-wal"), ByteName.From("db.sqlite-journal"), ByteName.From("db.sqlite-shm")];

    /// <summary>Replaces the database.</summary>
    /// <param name="store">The store.</param>
    /// <param name="directory">Its open directory <c>db</c>.</param>
    /// <param name="fresh">The open directory of the new database, on the same file system, with a schema file; nobody has it open.</param>
    /// <returns>The directory with the old database; null when there was none.</returns>
    /// <exception cref="StoreDatabaseException">DatabaseInUse, DiskFull</exception>
    /// <exception cref="StoreIOException"/>
    internal static string? Put(StoreLocation store, FileDescriptor directory, FileDescriptor fresh)
    {
        Prepare(directory, fresh);
        string? aside;
        try
        {
            aside = SetAside(store, directory);
            Posix.RenameAt(fresh, s_database, directory, s_database);
        }
        catch
        {
            UndoInterrupted(directory);
            throw;
        }

        if (SchemaFile.Read(store) != SchemaFile.Current)
        {
            Posix.RenameAt(fresh, s_schema, directory, s_schema);
        }

        Posix.Fsync(directory);
        return aside;
    }

    /// <summary>
    /// Takes back what a replacement had set aside that was killed before it replaced anything: then the database there is still the one here.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    internal static void UndoInterrupted(FileDescriptor directory)
    {
        if (!Posix.TryStatusAt(directory, s_database, out var database, out _))
        {
            return;
        }

        foreach (var name in BackupDirectory.NamesIn(directory).Where(name => ByteName.ToDisplay(name).StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var aside = Posix.TryOpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out _);
            if (aside is null)
            {
                continue;
            }

            if (Posix.TryStatusAt(aside, s_database, out var same, out _) && same.IsSameFile(database))
            {
                // A log here means that somebody has opened the database since, without the one that was set aside: then that one is out of date.
                if (!s_logs.Any(log => Posix.TryStatusAt(directory, log, out _, out _)))
                {
                    MoveLogs(aside, directory);
                }

                // Two names of one database are a danger of their own: whoever opened it by the other one would use another log.
                Posix.UnlinkAt(aside, s_database);
            }

            if (BackupDirectory.NamesIn(aside).Count == 0)
            {
                Posix.RmdirAt(directory, name);
            }
        }

        Posix.Fsync(directory);
    }

    /// <summary>Makes the new files durable, and gives them to whom the old ones belong.</summary>
    private static void Prepare(FileDescriptor directory, FileDescriptor fresh)
    {
        var owner = Posix.TryStatusAt(directory, s_database, out var old, out _) ? old : Posix.Status(directory);
        var mode = old.Type == FileType.Regular ? old.Mode : PublicFile;
        foreach (var (name, nameMode) in new[] { (s_database, mode), (s_schema, PublicFile) })
        {
            using var file = Posix.OpenAt(fresh, name, OpenFlags.ReadWrite | OpenFlags.NoFollow);
            Posix.Fchmod(file, nameMode);
            if (Posix.EffectiveUserId == 0)
            {
                Posix.FchownAt(fresh, name, owner.Owner, owner.Group);
            }

            Posix.Fsync(file);
        }
    }

    private static string? SetAside(StoreLocation store, FileDescriptor directory)
    {
        var name = ByteName.From(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{DateTime.UtcNow:yyyyMMdd'T'HHmmss.fff'Z'}"));
        Posix.MkdirAt(directory, name, PrivateDirectory);
        using var aside = Posix.OpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (Posix.TryStatusAt(directory, s_database, out var database, out _))
        {
            Posix.LinkAt(directory, s_database, aside, s_database);
            if (database.Size > 0)
            {
                TakeLogIn(store);
            }
        }

        // What is left by now is of a database that is damaged, empty or missing.
        MoveLogs(directory, aside);
        if (BackupDirectory.NamesIn(aside).Count == 0)
        {
            Posix.RmdirAt(directory, name);
            return null;
        }

        Posix.Fsync(aside);
        Posix.Fsync(directory);
        return directory.Combine(name);
    }

    /// <summary>Has SQLite recover the log, and move it into the database.</summary>
    private static void TakeLogIn(StoreLocation store)
    {
        SqliteLibrary.EnsureReady();
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = store.DatabasePath,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = 1,
            }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(truncate)";
            if (command.ExecuteScalar() is not 0L)
            {
                throw InUse(store);
            }
        }
        catch (SqliteException error) when (CurrentRows.IsDamage(StoreDatabaseException.From(error, store.DatabasePath)))
        {
            // The damaged database is set aside with its log as it is.
        }
        catch (SqliteException error)
        {
            throw StoreDatabaseException.From(error, store.DatabasePath);
        }
    }

    /// <summary>Somebody has the database open without Nix's lock.</summary>
    internal static StoreDatabaseException InUse(StoreLocation store) => new(
        "DatabaseInUse", StoreErrorKind.Busy, $"The database '{store.DatabasePath}' is open in another program, which holds none of Nix's locks.",
        store.DatabasePath, "End it (fuser or lsof on the database names it; a sqlite3 shell, perhaps), then run the command again.");

    private static void MoveLogs(FileDescriptor from, FileDescriptor to)
    {
        foreach (var log in s_logs.Where(log => Posix.TryStatusAt(from, log, out _, out _)))
        {
            Posix.RenameAt(from, log, to, log);
        }

        Posix.Fsync(to);
    }
}
