using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>
/// Which registered paths are alive: roots, what they refer to, and with keep-derivations and keep-outputs their derivers and outputs
/// (GC-SPEC §5; Nix libstore/gc.cc:deleteReferrersClosure, misc.cc:computeFSClosure).
/// </summary>
public sealed class LiveSet
{
    private readonly StoreGraph _graph;
    private readonly LivenessSettings _settings;
    private readonly NodeSet _alive;

    private LiveSet(StoreGraph graph, LivenessSettings settings)
    {
        _graph = graph;
        _settings = settings;
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
        foreach (var root in roots)
        {
            live.Add(root);
        }

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
            foreach (var kept in KeptBy(_graph, added[next], _settings))
            {
                if (_alive.Add(kept))
                {
                    added.Add(kept);
                }
            }
        }

        return added;
    }

    /// <summary>What a path that is alive keeps alive directly.</summary>
    public static IEnumerable<int> KeptBy(StoreGraph graph, int node, LivenessSettings settings)
    {
        for (var i = 0; i < graph.References[node].Length; i++)
        {
            yield return graph.References[node][i];
        }

        if (settings.KeepDerivations && graph.DeriverOf(node) is var deriver and >= 0)
        {
            yield return deriver;
        }

        for (var i = 0; settings.KeepOutputs && i < graph.Outputs[node].Length; i++)
        {
            yield return graph.Outputs[node][i];
        }
    }
}
