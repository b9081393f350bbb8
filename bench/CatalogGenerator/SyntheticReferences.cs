using NixStore.Catalog.Graph;

namespace NixStore.Bench.Catalogs;

/// <summary>The references of a cache that never was, without a catalog around them: the first 64 bits of its hashes are what the graph is built from.</summary>
/// <param name="cache">The cache.</param>
internal sealed class SyntheticReferences(SyntheticCache cache) : IReferenceSource
{
    private const int BatchLength = 1 << 14;

    /// <inheritdoc/>
    public string Name => "a synthetic cache";

    /// <inheritdoc/>
    public long Count => cache.Options.Count;

    /// <inheritdoc/>
    public IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation) => Batches(cancellation, batch => new HashPrefixes(NamesOf(batch), null));

    /// <inheritdoc/>
    public IEnumerable<ReferenceBatch> ReadReferences(bool isWide, CancellationToken cancellation) => Batches(cancellation, batch =>
    {
        Span<long> references = stackalloc long[SyntheticCache.MaximumReferences];
        var rows = NamesOf(batch);
        var counts = new int[rows.Length];
        var all = new List<ulong>(rows.Length * 10);
        for (var row = 0; row < rows.Length; row++)
        {
            counts[row] = cache.References((batch * BatchLength) + row, references);
            foreach (var reference in references[..counts[row]])
            {
                all.Add(NameOf(reference));
            }
        }

        return new ReferenceBatch(new HashPrefixes(rows, null), counts, new HashPrefixes([.. all], null));
    });

    private ParallelQuery<T> Batches<T>(CancellationToken cancellation, Func<long, T> make)
        => ParallelEnumerable.Range(0, (int)((Count + BatchLength - 1) / BatchLength)).AsOrdered().WithCancellation(cancellation)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered).Select(batch => make(batch));

    private ulong[] NamesOf(long batch)
        => [.. Enumerable.Range(0, (int)Math.Min(BatchLength, Count - (batch * BatchLength))).Select(row => NameOf((batch * BatchLength) + row))];

    private ulong NameOf(long path) => cache.Random(path, 1);
}
