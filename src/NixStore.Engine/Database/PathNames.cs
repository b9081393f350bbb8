using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NixStore.Engine.Database;

/// <summary>
/// Paths of row ids with a bounded memory: references point mostly to recent and to popular rows, so a direct-mapped table answers
/// nearly all questions and the database the rest. A large store asks millions of them, hence SQLite's own interface.
/// </summary>
internal sealed class PathNames : IDisposable
{
    private const int Slots = 1 << 16;
    private readonly (long Id, string? Path)[] _slots = new (long, string?)[Slots];
    private readonly SqliteConnection _connection;
    private sqlite3_stmt? _statement;

    internal PathNames(SqliteConnection connection) => _connection = connection;

    internal void Remember(long id, string path) => _slots[id & (Slots - 1)] = (id, path);

    /// <summary>The path of a row; null when there is no such row.</summary>
    /// <exception cref="SqliteException"/>
    internal string? Find(long id)
    {
        ref var slot = ref _slots[id & (Slots - 1)];
        if (slot.Id != id || slot.Path is null)
        {
            if (LookUp(id) is not { } path)
            {
                return null;
            }

            slot = (id, path);
        }

        return slot.Path;
    }

    public void Dispose() => _statement?.Dispose();

    private string? LookUp(long id)
    {
        if (_statement is null)
        {
            Check(raw.sqlite3_prepare_v2(_connection.Handle, "select path from ValidPaths where id = ?", out _statement));
        }

        Check(raw.sqlite3_bind_int64(_statement, 1, id));
        var result = raw.sqlite3_step(_statement);
        var path = result == raw.SQLITE_ROW ? raw.sqlite3_column_text(_statement, 0).utf8_to_string() : null;
        _ = raw.sqlite3_reset(_statement);
        return result is raw.SQLITE_ROW or raw.SQLITE_DONE ? path : throw Failure(result);
    }

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
