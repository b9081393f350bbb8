using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>A database without its write-ahead log, as Nix opens it with <c>read-only=true</c> (SQLite's <c>immutable=1</c>; Nix libstore/sqlite.cc).</summary>
internal static class MainFile
{
    /// <summary>True when the database is all there is.</summary>
    internal static bool HasNoLog(StoreLocation store) => !Posix.TryStatus(store.DatabasePath + "-wal", out var log, out _) || log.Size == 0;

    /// <summary>Which paths it has rows of.</summary>
    /// <exception cref="StoreDatabaseException">Also when the database was changed while it was read.</exception>
    internal static IReadOnlySet<string> ReadRows(StoreLocation store)
    {
        SqliteLibrary.EnsureReady();
        using var files = DatabaseFiles.Use();
        try
        {
            var uri = $"file:{Uri.EscapeDataString(store.DatabasePath).Replace("%2F", "/", StringComparison.Ordinal)}?mode=ro&immutable=1";
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = uri, Pooling = false }.ToString());
            connection.Open();
            return LayerRows.Read(connection, store.Directory);
        }
        catch (SqliteException error) when (error.Message.Contains("no such table", StringComparison.Ordinal))
        {
            // Nothing was ever written into it: all there is, is in the log.
            return new HashSet<string>(StringComparer.Ordinal);
        }
        catch (SqliteException error)
        {
            throw StoreDatabaseException.From(error, store.DatabasePath);
        }
    }
}
