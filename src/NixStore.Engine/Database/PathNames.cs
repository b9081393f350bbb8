using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>
/// Paths of row ids with a bounded memory: references point mostly to recent and to popular rows, so a direct-mapped table answers
/// nearly all questions and the database the rest.
/// </summary>
internal sealed class PathNames : IDisposable
{
    private const int Slots = 1 << 16;
    private readonly (long Id, string? Path)[] _slots = new (long, string?)[Slots];
    private readonly SqliteCommand _command;
    private readonly SqliteParameter _id;

    internal PathNames(SqliteConnection connection)
    {
        _command = connection.CreateCommand();
        _command.CommandText = "select path from ValidPaths where id = $id";
        _id = _command.Parameters.Add("$id", SqliteType.Integer);
    }

    internal void Remember(long id, string path) => _slots[id & (Slots - 1)] = (id, path);

    /// <summary>The path of a row; null when there is no such row.</summary>
    internal string? Find(long id)
    {
        ref var slot = ref _slots[id & (Slots - 1)];
        if (slot.Id != id || slot.Path is null)
        {
            _id.Value = id;
            var path = _command.ExecuteScalar() as string;
            if (path is null)
            {
                return null;
            }

            slot = (id, path);
        }

        return slot.Path;
    }

    public void Dispose() => _command.Dispose();
}
