using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NixStore.Engine.Database;

/// <summary>
/// A prepared statement through SQLite's own interface: for the reading of millions of rows and references, where a data reader's
/// ceremony for each value costs more than SQLite does.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _statement;

    // The statement itself: a safe handle's counting for each of millions of values costs more than SQLite's answer.
    private readonly nint _row;

    /// <summary>Prepares a statement.</summary>
    /// <exception cref="SqliteException"/>
    internal Statement(SqliteConnection connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v2(connection.Handle, sql, out _statement));
        _row = _statement.DangerousGetHandle();
    }

    /// <summary>Gives the only parameter a value, and begins anew.</summary>
    /// <exception cref="SqliteException"/>
    internal Statement With(object key)
    {
        _ = raw.sqlite3_reset(_statement);
        Check(key is long number ? raw.sqlite3_bind_int64(_statement, 1, number) : raw.sqlite3_bind_text(_statement, 1, (string)key));
        return this;
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="SqliteException"/>
    internal bool Step()
    {
        var result = SqliteLibrary.Step(_row);
        return result == raw.SQLITE_ROW || (result == raw.SQLITE_DONE ? false : throw Failure(result));
    }

    /// <summary>A whole number; 0 for anything else.</summary>
    internal long Int64(int column) => SqliteLibrary.ColumnInt64(_row, column);

    /// <summary>Any value as text, blobs as UTF-8; null for NULL.</summary>
    internal string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>Any value as the bytes of its text, valid until the next step; empty for NULL.</summary>
    /// <remarks>As they are stored, which is UTF-8 in every store: asking for them as a blob converts nothing.</remarks>
    internal ReadOnlySpan<byte> Bytes(int column) => SqliteLibrary.ColumnBytes(_row, column);

    /// <summary>True for NULL.</summary>
    internal bool IsNull(int column) => SqliteLibrary.ColumnType(_row, column) == raw.SQLITE_NULL;

    /// <summary>True for a whole number.</summary>
    internal bool IsInteger(int column) => SqliteLibrary.ColumnType(_row, column) == raw.SQLITE_INTEGER;

    /// <summary>The name of a column.</summary>
    internal string NameOf(int column) => raw.sqlite3_column_name(_statement, column).utf8_to_string();

    /// <summary>Ends the reading, so that no transaction stays open.</summary>
    internal void Reset() => _ = raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Failure(result);
        }
    }

    private SqliteException Failure(int result)
        => new(raw.sqlite3_errmsg(_connection.Handle).utf8_to_string(), result & 0xff, result);
}
