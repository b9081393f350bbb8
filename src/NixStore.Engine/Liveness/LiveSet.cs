using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>
/// Which registered paths are alive: roots, what they refer to, and with keep-derivations and keep-outputs their derivers and outputs
/// (GC-SPEC §5; Nix libstore/gc.cc:deleteReferrersClosure, misc.cc:computeFSClosure).
/// </summary>
public sealed class LiveSet
{
    private readonly KeepEdges _edges;
    private readonly NodeSet _alive;

    private LiveSet(StoreGraph graph, LivenessSettings settings)
    {
        _edges = new KeepEdges(graph, settings);
        _alive = new NodeSet(graph.Count);
    }

    /// <summary>Number of paths that are alive.</summary>
    public int Count => _alive.Count;

    /// <summary>Finds what roots keep.</summary>
    /// <param name="graph">The store.</param>
    /// <param name="roots">Nodes that are alive of themselves.</param>
    /// <param name="settings">Which edges keep.</param>
    public static LiveSet From(StoreGraph graph, IEnumerable<int> roots, LivenessSettings settings)
    {
        var live = new LiveSet(graph, settings);
        live._alive.AddClosure(roots, live._edges.Forward);
        return live;
    }

    /// <summary>True when the path is alive.</summary>
    public bool Contains(int node) => _alive.Contains(node);

    /// <summary>Makes one more root; gives all that became alive by it.</summary>
    public IReadOnlyList<int> Add(int root)
    {
        var added = new List<int>();
        if (!_alive.Add(root))
        {
            return added;
        }

        added.Add(root);
        for (var next = 0; next < added.Count; next++)
        {
            foreach (var kept in _edges.KeptBy(added[next]))
            {
                if (_alive.Add(kept))
                {
                    added.Add(kept);
                }
            }
        }

        return added;
    }
}
