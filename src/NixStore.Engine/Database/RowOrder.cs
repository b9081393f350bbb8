using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NixStore.Engine.Database;

/// <summary>
/// SQLite gives rows in the order in which they lie, and that is the order of their ids, unless an id is damaged. Who relies on it would then
/// go on for ever, or mistake one row for another.
/// </summary>
internal static class RowOrder
{
    /// <summary>Raises SQLite's error for damage when a row does not come after the one before it.</summary>
    /// <exception cref="SqliteException"/>
    internal static void EnsureAfter(long before, long id)
    {
        if (id <= before)
        {
            throw new SqliteException($"row {id} of table ValidPaths comes after row {before}", raw.SQLITE_CORRUPT);
        }
    }
}
