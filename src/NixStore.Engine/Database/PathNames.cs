using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>
/// Paths of row ids with a bounded memory: references point mostly to recent and to popular rows, so a direct-mapped table answers
/// nearly all questions and the database the rest.
/// </summary>
internal sealed class PathNames : IDisposable
{
    private const int Slots = 1 << 13;
    private readonly (long Id, string? Path)[] _slots = new (long, string?)[Slots];
    private readonly Lazy<Statement> _statement;

    internal PathNames(SqliteConnection connection)
        => _statement = new Lazy<Statement>(() => new Statement(connection, "select path from ValidPaths where id = ?"));

    internal void Remember(long id, string path) => _slots[id & (Slots - 1)] = (id, path);

    /// <summary>The path of a row; null when there is no such row.</summary>
    /// <exception cref="SqliteException"/>
    internal string? Find(long id)
    {
        ref var slot = ref _slots[id & (Slots - 1)];
        if (slot.Id != id || slot.Path is null)
        {
            var statement = _statement.Value.With(id);
            var path = statement.Step() ? statement.Text(0) : null;
            statement.Reset();
            if (path is null)
            {
                return null;
            }

            slot = (id, path);
        }

        return slot.Path;
    }

    public void Dispose()
    {
        if (_statement.IsValueCreated)
        {
            _statement.Value.Dispose();
        }
    }
}
