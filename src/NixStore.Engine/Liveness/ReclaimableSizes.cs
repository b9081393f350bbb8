using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>
/// What would be dead if a root went, for all roots at once: it is what the root's holder dominates, and the dominators of a store are found in
/// one go, where a closure for each root would take as many walks over the store.
/// </summary>
public sealed class ReclaimableSizes
{
    private readonly StoreGraph _graph;
    private readonly Dictionary<string, int> _holders = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<(int Count, long Size)> _sums;

    /// <param name="graph">The store.</param>
    /// <param name="edges">What keeps what.</param>
    /// <param name="roots">The roots that keep anything, each with the node that it names.</param>
    /// <param name="cancellation">Ends it.</param>
    public ReclaimableSizes(StoreGraph graph, KeepEdges edges, IEnumerable<(StoreRoot Root, int Node)> roots, CancellationToken cancellation)
    {
        _graph = graph;
        var groups = new List<HashSet<int>>();
        foreach (var (root, node) in roots)
        {
            var holder = RootHolder.Of(root, graph.Store);
            if (_holders.TryAdd(holder, groups.Count))
            {
                groups.Add([]);
            }

            groups[_holders[holder]].Add(node);
        }

        Dominators = Dominators.Find(graph.Count, edges.Forward, edges.Backward, groups, cancellation);
        _sums = Dominators.SumGroups(graph.NarSizeOf);
    }

    /// <summary>What each path cannot be reached without.</summary>
    public Dominators Dominators { get; }

    /// <summary>How many paths would be dead if the root went, and the sum of their NAR sizes in bytes.</summary>
    public (int Count, long Size) Of(StoreRoot root) => _sums[_holders[RootHolder.Of(root, _graph.Store)]];
}
