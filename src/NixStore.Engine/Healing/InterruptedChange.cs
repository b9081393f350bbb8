using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Healing;

/// <summary>
/// A change that a crash has interrupted in a database without a write-ahead log: until its journal is rolled back, pages of the old and of
/// the new state lie mixed in the file (sqlite.org/lockingv3.html §4).
/// </summary>
internal static class InterruptedChange
{
    /// <summary>Has SQLite roll it back, if there is one; a database that SQLite cannot read stays as it is.</summary>
    internal static void RollBack(StoreLocation store)
    {
        if (!Posix.TryStatus(store.DatabasePath + "-journal", out _, out _))
        {
            return;
        }

        SqliteLibrary.EnsureReady();
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = store.DatabasePath, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "select count(*) from sqlite_master";
            command.ExecuteScalar();
        }
        catch (SqliteException)
        {
            // What can be read of it is salvaged.
        }
    }
}
