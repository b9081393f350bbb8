using System.Runtime.InteropServices;
using System.Threading.Tasks.Dataflow;

namespace NixStore.Catalog.Graph;

/// <summary>
/// Builds the reference graph of a table of narinfos: once through all names, which are sorted, then once through all references, which are
/// looked up by several threads and written in the order of the table. Memory: eight bytes for each narinfo while names are sorted (twice
/// that at its peak); everything else is mapped files.
/// </summary>
/// <param name="source">The table.</param>
/// <param name="threads">How many threads look up.</param>
internal sealed class ReferenceGraphBuilder(IReferenceSource source, int threads)
{
    private const int BufferSize = 1 << 20;
    private long _edgeCount;
    private long _selfReferences;
    private long _danglingReferences;

    /// <summary>How many narinfos have been read, of both passes; to be asked by another thread.</summary>
    internal long Progress => Interlocked.Read(ref _progress);

    private long _progress;

    /// <summary>Builds it in an empty folder.</summary>
    /// <exception cref="NixStoreException">CatalogHashMalformed, CatalogHashTwice, CatalogTooLarge</exception>
    /// <exception cref="IOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal GraphSummary Build(string folder, CancellationToken cancellation)
    {
        var isWide = !TryWriteNames(folder, cancellation);
        if (isWide)
        {
            WriteWideNames(folder, cancellation);
        }

        using var names = HashIndex.Open(folder, Count, isWide);
        using (var spans = MappedArray<EdgeSpan>.Create(GraphFiles.Spans(folder), names.Count))
        using (var edges = new FileStream(GraphFiles.Edges(folder), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
        {
            WriteEdges(names, spans, edges, cancellation);
            spans.Flush();
            edges.Flush(flushToDisk: true);
        }

        var summary = new GraphSummary(GraphSummary.CurrentVersion, names.Count, _edgeCount, _selfReferences, _danglingReferences, isWide);
        summary.Write(folder);
        return summary;
    }

    private int Count => source.Count <= Array.MaxLength ? (int)source.Count : throw new NixStoreException(
        "CatalogTooLarge", StoreErrorKind.NotSupported, $"{source.Name} has {source.Count:N0} narinfos; a graph has at most {Array.MaxLength:N0}.", source.Name);

    /// <summary>False when two narinfos have the same first 64 bits.</summary>
    private bool TryWriteNames(string folder, CancellationToken cancellation)
    {
        var high = new ulong[Count];
        var at = 0;
        foreach (var names in source.ReadNames(isWide: false, cancellation))
        {
            names.High.CopyTo(high, at);
            at += names.High.Length;
            Interlocked.Add(ref _progress, names.High.Length);
        }

        ParallelSort.Sort(high, threads, cancellation);
        for (var index = 1; index < high.Length; index++)
        {
            if (high[index - 1] == high[index])
            {
                return false;
            }
        }

        HashIndex.Write(folder, high, null);
        return true;
    }

    private void WriteWideNames(string folder, CancellationToken cancellation)
    {
        var names = new UInt128[Count];
        var at = 0;
        foreach (var batch in source.ReadNames(isWide: true, cancellation))
        {
            for (var index = 0; index < batch.High.Length; index++)
            {
                names[at++] = new UInt128(batch.High[index], batch.LowOf(index));
            }
        }

        Array.Sort(names);
        var (high, low) = (new ulong[names.Length], new ulong[names.Length]);
        for (var index = 0; index < names.Length; index++)
        {
            high[index] = (ulong)(names[index] >> 64);
            low[index] = (ulong)names[index];
            if (index > 0 && names[index] == names[index - 1])
            {
                throw GraphErrors.Twice(source.Name);
            }
        }

        HashIndex.Write(folder, high, low);
    }

    private void WriteEdges(HashIndex names, MappedArray<EdgeSpan> spans, FileStream edges, CancellationToken cancellation)
    {
        var resolve = new TransformBlock<ReferenceBatch, ResolvedBatch>(
            batch => Resolve(batch, names),
            new ExecutionDataflowBlockOptions { MaxDegreeOfParallelism = threads, BoundedCapacity = threads * 4, EnsureOrdered = true, CancellationToken = cancellation });
        var write = new ActionBlock<ResolvedBatch>(
            batch => Write(batch, spans, edges),
            new ExecutionDataflowBlockOptions { BoundedCapacity = threads * 4, CancellationToken = cancellation });
        resolve.LinkTo(write, new DataflowLinkOptions { PropagateCompletion = true });
        foreach (var batch in source.ReadReferences(names.IsWide, cancellation))
        {
            if (!resolve.SendAsync(batch, cancellation).GetAwaiter().GetResult())
            {
                // A later step has failed; waiting for its end tells how.
                break;
            }
        }

        resolve.Complete();
        write.Completion.GetAwaiter().GetResult();
    }

    private static ResolvedBatch Resolve(ReferenceBatch batch, HashIndex names)
    {
        var rows = new int[batch.Counts.Length];
        var counts = new int[rows.Length];
        var targets = new int[batch.References.High.Length];
        var (read, written, self) = (0, 0, 0);
        for (var row = 0; row < rows.Length; row++)
        {
            var id = rows[row] = names.Find(batch.Rows.High[row], batch.Rows.LowOf(row));
            var first = written;
            for (var end = read + batch.Counts[row]; read < end; read++)
            {
                var target = names.Find(batch.References.High[read], batch.References.LowOf(read));
                if (target == id)
                {
                    self++;
                }
                else if (target >= 0)
                {
                    targets[written++] = target;
                }
            }

            counts[row] = written - first;
        }

        return new ResolvedBatch(rows, counts, targets, written, self, targets.Length - written - self);
    }

    private void Write(ResolvedBatch batch, MappedArray<EdgeSpan> spans, FileStream edges)
    {
        for (var row = 0; row < batch.Rows.Length; row++)
        {
            spans[batch.Rows[row]] = new EdgeSpan(_edgeCount, batch.Counts[row]);
            _edgeCount += batch.Counts[row];
        }

        edges.Write(MemoryMarshal.AsBytes(batch.Targets.AsSpan(0, batch.EdgeCount)));
        _selfReferences += batch.SelfReferences;
        _danglingReferences += batch.DanglingReferences;
        Interlocked.Add(ref _progress, batch.Rows.Length);
    }

    private sealed record ResolvedBatch(int[] Rows, int[] Counts, int[] Targets, int EdgeCount, int SelfReferences, int DanglingReferences);
}
