namespace NixStore.Catalog.Graph;

/// <summary>Some narinfos with their references, as the graph is built from them: numbers of hash parts in its <see cref="HashIndex"/>.</summary>
internal sealed class ReferenceBatch
{
    private int[] _references = [];

    /// <summary>The number of each.</summary>
    internal List<int> Rows { get; } = [];

    /// <summary>How many references each has.</summary>
    internal List<int> Counts { get; } = [];

    /// <summary>The references of all, one after another: numbers, <see cref="HashIndex.Missing"/> or <see cref="HashIndex.Malformed"/>. Whoever reads them may write there.</summary>
    internal Span<int> References => _references.AsSpan(0, ReferenceCount);

    /// <summary>The number of references.</summary>
    internal int ReferenceCount { get; private set; }

    /// <summary>Makes it empty.</summary>
    internal void Clear()
    {
        Rows.Clear();
        Counts.Clear();
        ReferenceCount = 0;
    }

    /// <summary>Adds a narinfo.</summary>
    /// <param name="row">Its number.</param>
    /// <param name="count">How many references it has.</param>
    /// <returns>Where they belong.</returns>
    internal Span<int> Add(int row, int count)
    {
        if (ReferenceCount + count > _references.Length)
        {
            Array.Resize(ref _references, Math.Max(ReferenceCount + count, _references.Length * 2));
        }

        Rows.Add(row);
        Counts.Add(count);
        ReferenceCount += count;
        return _references.AsSpan(ReferenceCount - count, count);
    }
}
