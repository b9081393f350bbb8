using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NixStore.Catalog.Graph;

/// <summary>
/// Builds the reference graph of a table of narinfos: once through all names, which are sorted, then once through all references, which are
/// looked up. Parts are read by several threads; where the references of each lie depends on the table alone. Memory: eight bytes for each
/// narinfo while names are sorted (twice that at its peak), then twelve; everything else is files.
/// </summary>
/// <param name="source">The table.</param>
/// <param name="threads">How many threads read.</param>
internal sealed class ReferenceGraphBuilder(IReferenceSource source, int threads)
{
    private readonly IReadOnlyList<IReferencePart> _parts = source.Parts;
    private long _progress;
    private long _references;
    private long _selfReferences;
    private long _danglingReferences;

    /// <summary>How many narinfos have been read, of both passes; to be asked by another thread.</summary>
    internal long Progress => Interlocked.Read(ref _progress);

    private int Count => _parts.Sum(part => part.Count) is var count && count <= Array.MaxLength ? (int)count : throw new NixStoreException(
        "CatalogTooLarge", StoreErrorKind.NotSupported, $"{source.Name} has {count:N0} narinfos; a graph has at most {Array.MaxLength:N0}.", source.Name);

    /// <summary>Builds it in an empty folder.</summary>
    /// <exception cref="NixStoreException">CatalogHashMalformed, CatalogHashTwice, CatalogTooLarge, CatalogCorrupt</exception>
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
        var places = Starts(part => part.MaximumReferences);

        // Every part goes all over the spans: mapped, they would be written to the disk again and again until they are all there.
        var spans = new EdgeSpan[names.Count];
        using (var edges = File.OpenHandle(GraphFiles.Edges(folder), FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            RandomAccess.SetLength(edges, places[^1] * sizeof(int));
            ForEachPart(cancellation, (part, index) => WriteEdges(part, names, spans, edges, places[index], places[index + 1], cancellation));
            RandomAccess.FlushToDisk(edges);
        }

        MappedArray<EdgeSpan>.Write(GraphFiles.Spans(folder), spans);
        var summary = new GraphSummary(GraphSummary.CurrentVersion, names.Count, places[^1], _references, _selfReferences, _danglingReferences, isWide);
        summary.Write(folder);
        return summary;
    }

    /// <summary>False when two narinfos have the same first 64 bits.</summary>
    private bool TryWriteNames(string folder, CancellationToken cancellation)
    {
        var high = new ulong[Count];
        ReadNames(isWide: false, (names, at) => names.High.CopyTo(high, at), cancellation);
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
        ReadNames(isWide: true, (batch, at) =>
        {
            for (var index = 0; index < batch.High.Length; index++)
            {
                names[at + index] = new UInt128(batch.High[index], batch.LowOf(index));
            }
        }, cancellation);
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

    private void ReadNames(bool isWide, Action<HashPrefixes, int> take, CancellationToken cancellation)
    {
        var places = Starts(part => part.Count);
        ForEachPart(cancellation, (part, index) =>
        {
            var at = (int)places[index];
            foreach (var names in part.ReadNames(isWide, cancellation))
            {
                if (at + names.High.Length > places[index + 1])
                {
                    throw GraphErrors.NotAsSaid(source.Name);
                }

                take(names, at);
                at += names.High.Length;
                Interlocked.Add(ref _progress, names.High.Length);
            }

            if (at != places[index + 1])
            {
                throw GraphErrors.NotAsSaid(source.Name);
            }
        });
    }

    private void WriteEdges(
        IReferencePart part, HashIndex names, EdgeSpan[] spans, SafeFileHandle edges, long place, long end, CancellationToken cancellation)
    {
        var (self, dangling, start) = (0L, 0L, place);
        foreach (var batch in part.ReadReferences(names, cancellation))
        {
            var references = batch.References;
            var (read, written) = (0, 0);
            for (var row = 0; row < batch.Rows.Count; row++)
            {
                var (narinfo, first) = (batch.Rows[row], written);
                for (var last = read + batch.Counts[row]; read < last; read++)
                {
                    var target = references[read];
                    if (target == narinfo)
                    {
                        self++;
                    }
                    else if (target >= 0)
                    {
                        references[written++] = target;
                    }
                    else if (target == HashIndex.Missing)
                    {
                        dangling++;
                    }
                }

                spans[narinfo] = new EdgeSpan(place + first, written - first);
            }

            if (place + written > end)
            {
                throw GraphErrors.NotAsSaid(source.Name);
            }

            RandomAccess.Write(edges, MemoryMarshal.AsBytes(references[..written]), place * sizeof(int));
            place += written;
            Interlocked.Add(ref _progress, batch.Rows.Count);
        }

        Interlocked.Add(ref _references, place - start);
        Interlocked.Add(ref _selfReferences, self);
        Interlocked.Add(ref _danglingReferences, dangling);
    }

    private long[] Starts(Func<IReferencePart, long> length)
    {
        var starts = new long[_parts.Count + 1];
        for (var index = 0; index < _parts.Count; index++)
        {
            starts[index + 1] = starts[index] + length(_parts[index]);
        }

        return starts;
    }

    private void ForEachPart(CancellationToken cancellation, Action<IReferencePart, int> act)
    {
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
            Parallel.ForEach(Partitioner.Create(Enumerable.Range(0, _parts.Count), EnumerablePartitionerOptions.NoBuffering),
                options, index => act(_parts[index], index));
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
