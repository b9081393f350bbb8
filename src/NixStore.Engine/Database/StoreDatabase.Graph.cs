using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>Questions about many rows at once, by their ids: what walking the graph of references needs.</summary>
public sealed partial class StoreDatabase
{
    /// <summary>Ids in one question; far below any limit of SQLite, far above what a question costs.</summary>
    private const int BatchSize = 4096;

    /// <summary>True when another process had the database open when it was opened here.</summary>
    public bool IsInUse => _access.IsLive;

    /// <summary>Number of paths and the sum of their sizes; sizes that are no numbers count nothing.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public (long Count, long NarSize) ReadTotals() => Guard(() =>
    {
        using var command = Command("select count(*), sum(case typeof(narSize) when 'integer' then narSize else 0 end) from ValidPaths");
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.IsDBNull(1) ? 0 : reader.GetInt64(1));
    });

    /// <summary>Number of registered derivations.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public long CountDerivations() => Guard(() =>
    {
        using var command = Command("select count(*) from ValidPaths where path glob '*.drv'");
        return (long)command.ExecuteScalar()!;
    });

    /// <summary>The id of a full logical path, or null.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public long? FindId(string path) => Guard(() =>
    {
        using var command = Command("select id from ValidPaths where path = $key", path);
        return (long?)command.ExecuteScalar();
    });

    /// <summary>The edges that go out from rows: what each refers to, itself and ids without a row included.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<(long Referrer, long Reference)> ReadReferences(IReadOnlyCollection<long> referrers)
        => ReadEdges("select referrer, reference from Refs where referrer in (select value from json_each($key))", referrers);

    /// <summary>The edges that come in: who refers to each.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<(long Referrer, long Reference)> ReadReferrers(IReadOnlyCollection<long> references)
        => ReadEdges("select referrer, reference from Refs where reference in (select value from json_each($key))", references);

    /// <summary>Full paths of rows; ids without a row are left out.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<string> ReadNames(IReadOnlyCollection<long> ids)
    {
        var names = new List<string>(ids.Count);
        foreach (var batch in ids.Chunk(BatchSize))
        {
            names.AddRange(ReadTexts("select path from ValidPaths where id in (select value from json_each($key))", ToJson(batch)));
        }

        return names;
    }

    /// <summary>Full paths of all rows, in no order.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<string> ReadNames() => ReadTexts("select path from ValidPaths where $key is not null", "");

    /// <summary>Reads as much as wanted from one state of the database.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal T ReadConsistently<T>(Func<SqliteConnection, T> read) => Guard(() =>
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        return read(_connection);
    });

    /// <summary>Numbers as <c>json_each</c> reads them.</summary>
    private static string ToJson(long[] ids) => $"[{string.Join(',', ids)}]";

    private List<(long Referrer, long Reference)> ReadEdges(string sql, IReadOnlyCollection<long> ids)
    {
        var edges = new List<(long, long)>();
        foreach (var batch in ids.Chunk(BatchSize))
        {
            Guard(() =>
            {
                using var command = Command(sql, ToJson(batch));
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    edges.Add((reader.GetInt64(0), reader.GetInt64(1)));
                }

                return edges.Count;
            });
        }

        return edges;
    }
}
