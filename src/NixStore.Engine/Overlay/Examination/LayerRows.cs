using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Which paths a database of one layer has rows of, by base name.</summary>
internal static class LayerRows
{
    /// <summary>Reads the rows of a store's own database.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal static IReadOnlySet<string> Read(StoreLocation store)
    {
        using var database = StoreDatabase.OpenForReading(store.Own);
        return database.ReadConsistently(connection => Read(connection, store.Directory));
    }

    /// <summary>Reads the rows of an open database.</summary>
    /// <exception cref="SqliteException"/>
    internal static HashSet<string> Read(SqliteConnection connection, StoreDirectory directory)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var row = new Statement(connection, "select path from ValidPaths");
        while (row.Step())
        {
            if (directory.TryParse(row.Text(0), out var path))
            {
                names.Add(path.BaseName);
            }
        }

        return names;
    }
}
