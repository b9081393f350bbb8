using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>The two statements that walk through all rows and their references side by side, prepared once for all their parts.</summary>
/// <param name="connection">The database.</param>
/// <param name="columns">Columns of the rows.</param>
/// <param name="rowsAtOnce">Rows in a part.</param>
/// <param name="isLayered">True where the tables are views of two databases (lower.sql).</param>
internal sealed class ListStatements(SqliteConnection connection, string columns, int rowsAtOnce, bool isLayered) : IDisposable
{
    // Those of views come in no order of their own: only as many are to be sorted as are wanted.
    private readonly string _wanted = isLayered ? $"in (select id from ValidPaths where id >= ? order by id limit {rowsAtOnce})" : ">= ?";

    private Statement? _rows;
    private Statement? _references;

    /// <summary>Rows from an id on.</summary>
    internal Statement Rows => _rows ??= new Statement(connection, $"select {columns} from ValidPaths where id >= ? order by id limit {rowsAtOnce}");

    /// <summary>References of rows from an id on.</summary>
    internal Statement References => _references
        ??= new Statement(connection, $"select referrer, reference from Refs where referrer {_wanted} order by referrer, reference");

    public void Dispose()
    {
        _rows?.Dispose();
        _references?.Dispose();
    }
}
