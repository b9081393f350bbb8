using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>
/// What keeps a path alive: a path that is alive keeps what it refers to, and as the settings say its deriver and its outputs
/// (GC-SPEC §5; Nix libstore/gc.cc:deleteReferrersClosure, misc.cc:computeFSClosure). Not for several threads.
/// </summary>
public sealed class KeepEdges
{
    private readonly List<(StoreTraceEdge Kind, Adjacency Forward, Func<Adjacency> Backward)> _ways = [];

    /// <param name="graph">The store.</param>
    /// <param name="settings">Which edges keep.</param>
    public KeepEdges(StoreGraph graph, LivenessSettings settings)
    {
        _ways.Add((StoreTraceEdge.Reference, graph.References, () => graph.Referrers));
        if (settings.KeepDerivations)
        {
            var derivers = DeriversOf(graph);
            _ways.Add((StoreTraceEdge.Deriver, derivers, derivers.Turn));
        }

        if (settings.KeepOutputs)
        {
            _ways.Add((StoreTraceEdge.Output, graph.Outputs, () => graph.Makers));
        }

        Forward = [.. _ways.Select(way => way.Forward)];
    }

    /// <summary>From each path to what it keeps.</summary>
    internal Adjacency[] Forward { get; }

    /// <summary>From each path to what keeps it; made when it is asked for, as most only go forward.</summary>
    internal Adjacency[] Backward => field ??= [.. _ways.Select(way => way.Backward())];

    /// <summary>What a path that is alive keeps alive directly; references before the others.</summary>
    public IEnumerable<int> KeptBy(int node)
    {
        foreach (var way in Forward)
        {
            for (var i = 0; i < way[node].Length; i++)
            {
                yield return way[node][i];
            }
        }
    }

    /// <summary>How a path keeps another directly; a reference, if it is one, is named before the others.</summary>
    public StoreTraceEdge KindOf(int from, int to) => _ways.Find(way => way.Forward[from].Contains(to)).Kind;

    private static Adjacency DeriversOf(StoreGraph graph)
    {
        var edges = new EdgeList();
        for (var node = 0; node < graph.Count; node++)
        {
            if (graph.DeriverOf(node) is var deriver and >= 0)
            {
                edges.Add(node, deriver);
            }
        }

        return Adjacency.Build(graph.Count, edges);
    }
}
