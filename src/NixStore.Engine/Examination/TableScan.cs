using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Examination;

/// <summary>
/// Reads a table from its first row on and, where a damaged page ends that, from its last row back, so that what lies behind the damage is
/// seen as well.
/// </summary>
internal static class TableScan
{
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>True when SQLite has met damage, rather than another obstacle.</summary>
    internal static bool IsDamage(SqliteException error) => error.SqliteErrorCode is InputOutput or Corrupt or NotADatabase;

    /// <summary>Visits all rows that can be read, in no certain order.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="columns">Its columns; the statement has the row's id before them.</param>
    /// <param name="visit">Gets the statement that stands on a row.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Which rows could not be read; null when all were.</returns>
    /// <exception cref="SqliteException">Another obstacle than damage.</exception>
    internal static ScanGap? Run(SqliteConnection connection, string table, string columns, Action<Statement> visit, CancellationToken cancellation)
    {
        var select = $"select rowid, {columns} from {table} not indexed order by rowid";
        long? last = null;
        try
        {
            using var row = new Statement(connection, select);
            while (row.Step())
            {
                cancellation.ThrowIfCancellationRequested();
                last = row.Int64(0);
                visit(row);
            }

            return null;
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            return new ScanGap(last, RunBack(connection, select + " desc", last, visit, cancellation), error.Message);
        }
    }

    private static long? RunBack(SqliteConnection connection, string select, long? end, Action<Statement> visit, CancellationToken cancellation)
    {
        long? first = null;
        try
        {
            using var row = new Statement(connection, select);
            while (row.Step() && !(row.Int64(0) <= end))
            {
                cancellation.ThrowIfCancellationRequested();
                first = row.Int64(0);
                visit(row);
            }
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            // The other side of the damage.
        }

        return first;
    }
}
