using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>What is in the trash of a cache, read from its lists into an engine, so that millions can be asked for. Not for several threads at once.</summary>
internal sealed class TrashIndex : IDisposable
{
    private readonly DuckSession _session;

    private TrashIndex(DuckSession session) => _session = session;

    /// <summary>Reads the lists of plans.</summary>
    /// <exception cref="NixStoreException">TrashDamaged; errors of reading.</exception>
    internal static async Task<TrashIndex> Open(IEnumerable<TrashFolder> folders, CancellationToken cancellation)
    {
        var session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("trash") });
        try
        {
            session.Execute(SqlText.Of("Pruning/Trash/table"), cancellation);
            foreach (var folder in folders)
            {
                await Fill(session, folder, cancellation).ConfigureAwait(false);
            }

            session.Execute(SqlText.Of("Pruning/Trash/without-done"), cancellation);
            return new TrashIndex(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The engine.</summary>
    internal DuckSession Session => _session;

    /// <summary>Records that a condition holds for.</summary>
    /// <param name="rest">SQL behind <c>FROM trash</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="parameters">Of the SQL.</param>
    internal List<TrashRecord> Records(string rest, CancellationToken cancellation, params object?[] parameters)
    {
        var records = new List<TrashRecord>();
        using var rows = _session.Query($"{SqlText.Of("Pruning/Trash/records")} {rest}", cancellation, parameters);
        while (rows.Read())
        {
            records.Add(RecordOf(rows));
        }

        return records;
    }

    /// <summary>Keys that SQL gives.</summary>
    internal HashSet<string> Keys(string sql, CancellationToken cancellation, params object?[] parameters)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        using var rows = _session.Query(sql, cancellation, parameters);
        while (rows.Read())
        {
            keys.Add(rows.GetText(0));
        }

        return keys;
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static TrashRecord RecordOf(DuckRows rows) => new()
    {
        PlanId = rows.GetText(0),
        Key = rows.GetText(1),
        Kind = Enum.Parse<BinaryCacheObjectKind>(rows.GetText(2)),
        Hash = rows.TryGetText(3),
        Name = rows.TryGetText(4),
        Url = rows.TryGetText(5),
        Size = rows.GetInt64(6),
        ETag = rows.TryGetText(7),
        StorageClass = rows.TryGetText(8),
        Version = rows.TryGetText(9),
        Marker = rows.TryGetText(10),
        At = rows.GetTime(11),
    };

    private static async Task Fill(DuckSession session, TrashFolder folder, CancellationToken cancellation)
    {
        using (var rows = new DuckAppender(session, "trash"))
        {
            await foreach (var record in folder.ReadLists("taken", cancellation).ConfigureAwait(false))
            {
                string?[] texts = [folder.PlanId, record.Key, record.Kind.ToString(), record.Hash, record.Name, record.Url];
                for (var i = 0; i < texts.Length; i++)
                {
                    rows.Set(i, texts[i]);
                }

                rows.Set(6, record.Size);
                rows.Set(7, record.ETag);
                rows.Set(8, record.StorageClass);
                rows.Set(9, record.Version);
                rows.Set(10, record.Marker);
                rows.SetMilliseconds(11, record.At);
                rows.EndRow();
            }

            rows.Close();
        }

        using var done = new DuckAppender(session, "done");
        foreach (var kind in (string[])["restored", "cleared"])
        {
            await foreach (var record in folder.ReadLists(kind, cancellation).ConfigureAwait(false))
            {
                done.Set(0, folder.PlanId);
                done.Set(1, record.Key);
                done.SetMilliseconds(2, record.At);
                done.EndRow();
            }
        }

        done.Close();
    }
}
