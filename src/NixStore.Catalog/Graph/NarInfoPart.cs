using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Graph;

/// <summary>A Parquet file of narinfos as a part of the source of a graph.</summary>
/// <param name="path">The file.</param>
/// <param name="count">Its narinfos.</param>
/// <param name="spill">Where the engine may put what does not fit into memory.</param>
/// <remarks>Each has an engine of one thread: the threads of one engine whose rows are wanted in their order wait for each other most of the time.</remarks>
internal sealed class NarInfoPart(string path, long count, string spill) : IReferencePart
{
    private readonly string _table = DuckFiles.Parquet(path);

    /// <inheritdoc/>
    public long Count => count;

    /// <inheritdoc/>
    public long MaximumReferences
    {
        get
        {
            // A list without elements counts as a value there, too.
            using var session = OpenSession();
            return session.QueryNumber($"SELECT sum(num_values) FROM parquet_metadata({DuckSession.Quote(path)}) WHERE starts_with(path_in_schema, 'references')");
        }
    }

    /// <inheritdoc/>
    public IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation)
    {
        using var session = OpenSession();
        using var rows = session.Query($"SELECT hash FROM {_table}", cancellation);
        while (rows.ReadChunk())
        {
            yield return ReadNames(rows.Column(0), rows.Count, isWide);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ReferenceBatch> ReadReferences(HashIndex names, CancellationToken cancellation)
    {
        using var session = OpenSession();
        DuckFunction.Register(session, "resolve", names.Find);
        using var rows = session.Query($"SELECT resolve(hash), list_transform(\"references\", lambda reference: resolve(reference)) FROM {_table}", cancellation);
        var batch = new ReferenceBatch();
        while (rows.ReadChunk())
        {
            Read(rows, batch);
            yield return batch;
        }
    }

    private static HashPrefixes ReadNames(DuckVector column, int count, bool isWide)
    {
        var names = new HashPrefixes(new ulong[count], isWide ? new ulong[count] : null);
        for (var row = 0; row < count; row++)
        {
            var text = column.IsNull(row) ? [] : column.BytesAt(row);
            if (!HashPrefix.TryReadHigh(text, out names.High[row]) || (isWide && !HashPrefix.TryReadLow(text, out names.Low![row])))
            {
                throw GraphErrors.Malformed(column.IsNull(row) ? "" : column.TextAt(row));
            }
        }

        return names;
    }

    private static void Read(DuckRows rows, ReferenceBatch batch)
    {
        var numbers = rows.Column(0).Values<int>(rows.Count);
        var lists = rows.Column(1);
        var elements = lists.Elements(DuckType.Int32);
        batch.Clear();
        for (var row = 0; row < numbers.Length; row++)
        {
            var (start, length) = lists.IsNull(row) ? (0, 0) : lists.ListAt(row);
            var references = batch.Add(numbers[row], length);
            for (var at = 0; at < length; at++)
            {
                references[at] = elements.IsNull(start + at) ? HashIndex.Malformed : (int)elements.Int64At(start + at);
            }
        }
    }

    private DuckSession OpenSession() => new(new DuckOptions { TemporaryDirectory = spill, Threads = 1 });
}
