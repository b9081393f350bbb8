using Microsoft.Data.Sqlite;
using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Ledger;

/// <summary>The file of a store's ledger: where it is, how it is opened, and what is done with a damaged one.</summary>
internal static class LedgerFile
{
    private const int Version = 1;
    private const int Mode = 0b110_100_100;
    private const int BusyMilliseconds = 30_000;

    private const string Schema = $"""
        create table if not exists Paths (id integer primary key, path text not null unique, looked integer not null, isBroken integer not null,
            intact integer, narHash blob, files blob, hashes blob);
        pragma user_version = 1;
        """;

    // A commit waits for no disk. What a loss of power takes is what was verified since the last checkpoint, never the file itself.
    private const string Opening = "pragma synchronous = normal; pragma cache_size = -4096; pragma journal_mode = wal";

    /// <summary>Where the ledger of a store is.</summary>
    internal static string PathOf(StoreLocation store) => $"{store.StateDirectory}/nixstore/ledger.sqlite";

    /// <summary>Where a damaged one is put, over one that was damaged before.</summary>
    internal static string AsidePathOf(StoreLocation store) => $"{store.StateDirectory}/nixstore/ledger.damaged.sqlite";

    /// <summary>Opens the ledger for reading and writing, and makes it where there is none. A damaged one is set aside first.</summary>
    /// <param name="store">The store.</param>
    /// <param name="wasDamaged">True when one was set aside.</param>
    /// <exception cref="NixStoreException">AccessDenied, ReadOnlyFileSystem, DiskFull and others: there can be none here.</exception>
    internal static SqliteConnection OpenForWriting(StoreLocation store, out bool wasDamaged)
    {
        wasDamaged = false;
        var path = PathOf(store);
        using var directory = BackupDirectory.OpenOrMake(Path.GetDirectoryName(path)!);
        for (; ; )
        {
            try
            {
                return Open(path);
            }
            catch (SqliteException error) when (!wasDamaged && IsDamage(error))
            {
                SetAside(store, directory);
                wasDamaged = true;
            }
            catch (SqliteException error)
            {
                throw StoreDatabaseException.From(error, path);
            }
        }
    }

    /// <summary>True for what only damage makes SQLite say.</summary>
    internal static bool IsDamage(SqliteException error) => error.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB
        || error.Message.Contains("no such ", StringComparison.Ordinal);

    /// <summary>Opens a connection to a file, whatever it is.</summary>
    /// <exception cref="SqliteException"/>
    internal static SqliteConnection Connect(string source, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Pooling = false, Mode = mode }.ToString());
        try
        {
            connection.Open();
            SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle, BusyMilliseconds);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Raises the error of damage when what is open is no ledger of this version.</summary>
    /// <exception cref="SqliteException"/>
    internal static void EnsureVersion(SqliteConnection connection)
    {
        if (Ask(connection, "pragma user_version") is not (long)Version)
        {
            throw new SqliteException("it is no ledger of this version", SQLitePCL.raw.SQLITE_NOTADB);
        }

        Ask(connection, "select looked, isBroken, intact, narHash, files, hashes from Paths where path = ''");
    }

    private static SqliteConnection Open(string path)
    {
        if (!Posix.TryStatus(path, out _, out _))
        {
            // So that nobody but the owner may write to it, whatever the umask; SQLite gives its logs the same mode. Never one that is there:
            // closing it would drop the locks that SQLite has on it in this process.
            using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
                OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow, Mode, out var error);
            if (file is null && error != Errno.Exists)
            {
                throw new StoreIOException("make", path, error);
            }
        }

        var connection = Connect(path, SqliteOpenMode.ReadWrite);
        try
        {
            Ask(connection, Opening);
            if (Ask(connection, "select count(*) from sqlite_master") is 0L)
            {
                Ask(connection, $"begin immediate; {Schema} commit");
            }

            EnsureVersion(connection);
            if (Ask(connection, "pragma quick_check(1)") is not "ok")
            {
                throw new SqliteException("it fails SQLite's check", SQLitePCL.raw.SQLITE_CORRUPT);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The logs first: left beside a new file, SQLite would take them for its own.</summary>
    private static void SetAside(StoreLocation store, FileDescriptor directory)
    {
        foreach (var suffix in (string[])["-wal", "-shm", ""])
        {
            var name = ByteName.From(Path.GetFileName(PathOf(store)) + suffix);
            if (Posix.TryStatusAt(directory, name, out _, out _))
            {
                Posix.RenameAt(directory, name, directory, ByteName.From(Path.GetFileName(AsidePathOf(store)) + suffix));
            }
        }

        Posix.Fsync(directory);
    }

    private static object? Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
