using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Graph;

/// <summary>The narinfos of a catalog as the source of its graph.</summary>
/// <param name="catalog">The catalog.</param>
/// <param name="options">What the engine may use; null = the defaults.</param>
internal sealed class NarInfoReferences(CacheCatalog catalog, DuckOptions? options = null) : IReferenceSource
{
    /// <inheritdoc/>
    public string Name => $"the narinfos of '{catalog}'";

    /// <inheritdoc/>
    public long Count => catalog.Manifest[CatalogTable.NarInfos].Rows;

    /// <inheritdoc/>
    public IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession(options);
        using var rows = session.Query("SELECT hash FROM narinfos", cancellation);
        while (rows.ReadChunk())
        {
            yield return ReadNames(rows.Column(0), rows.Count, isWide);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ReferenceBatch> ReadReferences(bool isWide, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession(options);
        using var rows = session.Query("SELECT hash, \"references\" FROM narinfos", cancellation);
        while (rows.ReadChunk())
        {
            yield return Read(rows, isWide);
        }
    }

    private static HashPrefixes ReadNames(DuckVector column, int count, bool isWide)
    {
        var names = new HashPrefixes(new ulong[count], isWide ? new ulong[count] : null);
        for (var row = 0; row < count; row++)
        {
            if (column.IsNull(row) || !TryRead(column, row, names, row))
            {
                throw GraphErrors.Malformed(column.IsNull(row) ? "" : column.TextAt(row));
            }
        }

        return names;
    }

    private static ReferenceBatch Read(DuckRows rows, bool isWide)
    {
        var lists = rows.Column(1);
        var (total, counts) = (0, new int[rows.Count]);
        for (var row = 0; row < counts.Length; row++)
        {
            counts[row] = lists.IsNull(row) ? 0 : lists.ListAt(row).Count;
            total += counts[row];
        }

        var elements = lists.Elements(DuckType.Text);
        var references = new HashPrefixes(new ulong[total], isWide ? new ulong[total] : null);
        var (written, malformed) = (0, 0);
        for (var row = 0; row < counts.Length; row++)
        {
            var (start, end) = counts[row] == 0 ? (0, 0) : (lists.ListAt(row).Start, lists.ListAt(row).Start + counts[row]);
            for (var at = start; at < end; at++)
            {
                if (!elements.IsNull(at) && TryRead(elements, at, references, written))
                {
                    written++;
                }
                else
                {
                    counts[row]--;
                    malformed++;
                }
            }
        }

        return new ReferenceBatch(ReadNames(rows.Column(0), rows.Count, isWide), counts, malformed == 0 ? references : references.First(written));
    }

    private static bool TryRead(DuckVector column, int row, HashPrefixes into, int at)
    {
        var text = column.BytesAt(row);
        return HashPrefix.TryReadHigh(text, out into.High[at]) && (into.Low is null || HashPrefix.TryReadLow(text, out into.Low[at]));
    }
}
