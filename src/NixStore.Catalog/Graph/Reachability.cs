using System.Collections.Concurrent;

namespace NixStore.Catalog.Graph;

/// <summary>
/// What can be reached from roots by references, level by level, by several threads. Memory: a bit and a byte for each narinfo, and four bytes
/// for each one of the two widest neighbouring levels.
/// </summary>
internal sealed class Reachability
{
    /// <summary>Narinfos that a thread takes at once.</summary>
    private const int Slice = 2048;

    private readonly ReferenceGraph _graph;
    private readonly ulong[] _seen;
    private readonly byte[] _depths;
    private readonly int _threads;
    private long _count;

    private Reachability(ReferenceGraph graph, int threads)
    {
        _graph = graph;
        _threads = threads;
        _seen = new ulong[(graph.Count + 63) / 64];
        _depths = GC.AllocateUninitializedArray<byte>(graph.Count);
        Array.Fill(_depths, ReachableSet.NotReached);
    }

    /// <summary>Walks.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="roots">Numbers of narinfos; a number may come several times.</param>
    /// <param name="threads">How many threads walk.</param>
    /// <param name="progress">Gets the number of those reached, once a level.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    internal static ReachableSet Walk(
        ReferenceGraph graph, IEnumerable<int> roots, int threads, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        var walk = new Reachability(graph, threads);
        List<int[]> level = [walk.TakeRoots(roots)];
        var depth = 0;
        while (level.Exists(part => part.Length > 0))
        {
            progress?.Invoke(walk._count);

            // Depths beyond what a byte holds are told as the greatest one.
            depth++;
            level = walk.Step(level, (byte)Math.Min(depth, ReachableSet.NotReached - 1), cancellation);
        }

        return new ReachableSet(walk._depths, walk._count, Math.Max(depth - 1, 0));
    }

    private int[] TakeRoots(IEnumerable<int> roots)
    {
        var taken = new List<int>();
        foreach (var root in roots)
        {
            if (TryTake(root))
            {
                _depths[root] = 0;
                taken.Add(root);
            }
        }

        _count = taken.Count;
        return [.. taken];
    }

    private List<int[]> Step(List<int[]> level, byte depth, CancellationToken cancellation)
    {
        var slices = new ConcurrentQueue<ArraySegment<int>>(level.SelectMany(part => Enumerable.Range(0, (part.Length + Slice - 1) / Slice)
            .Select(slice => new ArraySegment<int>(part, slice * Slice, Math.Min(Slice, part.Length - (slice * Slice))))));
        var found = new ConcurrentBag<int[]>();
        Parallel.For(0, _threads, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellation }, _ =>
        {
            var mine = new List<int>();
            while (slices.TryDequeue(out var slice))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var narinfo in slice.AsSpan())
                {
                    foreach (var reference in _graph.ReferencesOf(narinfo))
                    {
                        if (TryTake(reference))
                        {
                            _depths[reference] = depth;
                            mine.Add(reference);
                        }
                    }
                }
            }

            found.Add([.. mine]);
            Interlocked.Add(ref _count, mine.Count);
        });
        return [.. found];
    }

    /// <summary>True for the one thread that comes first.</summary>
    private bool TryTake(int narinfo)
    {
        var mask = 1UL << (narinfo & 63);
        ref var word = ref _seen[narinfo >> 6];
        return (Volatile.Read(ref word) & mask) == 0 && (Interlocked.Or(ref word, mask) & mask) == 0;
    }
}
