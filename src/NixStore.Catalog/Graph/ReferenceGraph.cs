using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Graph;

/// <summary>
/// Who references whom among all narinfos of a catalog, as mapped files: narinfos are numbered in the order of their hashes, and the references
/// of each lie together (CSR). Safe for several threads.
/// </summary>
internal sealed class ReferenceGraph : IDisposable
{
    private readonly HashIndex _names;
    private readonly MappedArray<EdgeSpan> _spans;
    private readonly MappedArray<int> _edges;

    private ReferenceGraph(GraphSummary summary, HashIndex names, MappedArray<EdgeSpan> spans, MappedArray<int> edges)
    {
        Summary = summary;
        _names = names;
        _spans = spans;
        _edges = edges;
    }

    /// <summary>Its figures.</summary>
    internal GraphSummary Summary { get; }

    /// <summary>Number of narinfos.</summary>
    internal int Count => _names.Count;

    /// <summary>Opens the graph in a folder; null when there is none, or one of another format.</summary>
    /// <exception cref="NixStoreException">CatalogGraphDamaged</exception>
    internal static ReferenceGraph? TryOpen(string folder)
    {
        if (GraphSummary.TryRead(folder) is not { } summary)
        {
            return null;
        }

        HashIndex? names = null;
        MappedArray<EdgeSpan>? spans = null;
        try
        {
            names = HashIndex.Open(folder, summary.Narinfos, summary.IsWide);
            spans = MappedArray<EdgeSpan>.Open(GraphFiles.Spans(folder), summary.Narinfos);
            return new ReferenceGraph(summary, names, spans, MappedArray<int>.Open(GraphFiles.Edges(folder), summary.Slots));
        }
        catch
        {
            names?.Dispose();
            spans?.Dispose();
            throw;
        }
    }

    /// <summary>The number of a narinfo; -1 when the catalog does not have it.</summary>
    /// <param name="hash">Its hash part in ASCII; what follows it is not looked at.</param>
    internal int Find(ReadOnlySpan<byte> hash) => _names.Find(hash);

    /// <summary>The numbers of many; below 0 for what the catalog does not have.</summary>
    internal void Find(DuckVector hashes, Span<int> numbers) => _names.Find(hashes, numbers);

    /// <summary>What a narinfo references, without itself, in the order in which it says so.</summary>
    internal ReadOnlySpan<int> ReferencesOf(int narinfo)
    {
        ref readonly var span = ref _spans[narinfo];
        return _edges.Slice(span.Start, span.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _names.Dispose();
        _spans.Dispose();
        _edges.Dispose();
    }
}
