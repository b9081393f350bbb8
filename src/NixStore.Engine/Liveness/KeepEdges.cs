using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>The edges of <see cref="LiveSet.KeptBy"/> as adjacencies, in both directions, for algorithms that walk over all of a store.</summary>
public sealed class KeepEdges
{
    private readonly List<(StoreTraceEdge Kind, Adjacency Forward, Adjacency Backward)> _ways = [];

    /// <param name="graph">The store.</param>
    /// <param name="settings">Which edges keep.</param>
    public KeepEdges(StoreGraph graph, LivenessSettings settings)
    {
        _ways.Add((StoreTraceEdge.Reference, graph.References, graph.Referrers));
        if (settings.KeepDerivations)
        {
            var derivers = DeriversOf(graph);
            _ways.Add((StoreTraceEdge.Deriver, derivers, derivers.Turn()));
        }

        if (settings.KeepOutputs)
        {
            _ways.Add((StoreTraceEdge.Output, graph.Outputs, graph.Makers));
        }

        Forward = [.. _ways.Select(way => way.Forward)];
        Backward = [.. _ways.Select(way => way.Backward)];
    }

    /// <summary>From each path to what it keeps.</summary>
    internal Adjacency[] Forward { get; }

    /// <summary>From each path to what keeps it.</summary>
    internal Adjacency[] Backward { get; }

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
