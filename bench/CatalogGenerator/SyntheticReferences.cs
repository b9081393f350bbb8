using NixStore.Catalog.Graph;

namespace NixStore.Bench.Catalogs;

/// <summary>The references of a cache that never was, without a catalog around them: the first 64 bits of its hashes are what the graph is built from.</summary>
/// <param name="cache">The cache.</param>
internal sealed class SyntheticReferences(SyntheticCache cache) : IReferenceSource
{
    private const int PartLength = 1 << 20;
    private const int BatchLength = 1 << 12;

    /// <inheritdoc/>
    public string Name => "a synthetic cache";

    /// <inheritdoc/>
    public IReadOnlyList<IReferencePart> Parts
        => [.. Enumerable.Range(0, (int)((cache.Options.Count + PartLength - 1) / PartLength)).Select(part =>
            new Part(cache, (long)part * PartLength, Math.Min((part + 1L) * PartLength, cache.Options.Count)))];

    private sealed class Part(SyntheticCache cache, long from, long until) : IReferencePart
    {
        public long Count => until - from;

        // Ten on average; a part has a million.
        public long MaximumReferences => Math.Max(Count, BatchLength) * 16;

        public IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation)
        {
            for (var start = from; start < until; start += BatchLength)
            {
                cancellation.ThrowIfCancellationRequested();
                var names = new ulong[Math.Min(BatchLength, until - start)];
                for (var row = 0; row < names.Length; row++)
                {
                    names[row] = NameOf(start + row);
                }

                yield return new HashPrefixes(names, null);
            }
        }

        public IEnumerable<ReferenceBatch> ReadReferences(HashIndex names, CancellationToken cancellation)
        {
            var batch = new ReferenceBatch();
            for (var start = from; start < until; start += BatchLength)
            {
                cancellation.ThrowIfCancellationRequested();
                Fill(batch, names, start, Math.Min(start + BatchLength, until));
                yield return batch;
            }
        }

        private void Fill(ReferenceBatch batch, HashIndex names, long start, long end)
        {
            Span<long> references = stackalloc long[SyntheticCache.MaximumReferences];
            batch.Clear();
            for (var row = start; row < end; row++)
            {
                var count = cache.References(row, references);
                var numbers = batch.Add(names.Find(NameOf(row), 0), count);
                for (var at = 0; at < count; at++)
                {
                    numbers[at] = names.Find(NameOf(references[at]), 0);
                }
            }
        }

        private ulong NameOf(long path) => cache.Random(path, 1);
    }
}
