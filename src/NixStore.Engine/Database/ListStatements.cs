using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>The two statements that walk through all rows and their references side by side, prepared once for all their parts.</summary>
internal sealed class ListStatements(SqliteConnection connection, string columns, int rowsAtOnce) : IDisposable
{
    private Statement? _rows;
    private Statement? _references;

    /// <summary>Rows from an id on.</summary>
    internal Statement Rows => _rows ??= new Statement(connection, $"select {columns} from ValidPaths where id >= ? order by id limit {rowsAtOnce}");

    /// <summary>References of rows from an id on.</summary>
    internal Statement References => _references
        ??= new Statement(connection, "select referrer, reference from Refs where referrer >= ? order by referrer, reference");

    public void Dispose()
    {
        _rows?.Dispose();
        _references?.Dispose();
    }
}
