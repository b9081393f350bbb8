using NixStore.Engine.Graph;

namespace NixStore.Engine.Tests.Graph;

/// <summary>Edges by chance, and the simplest way to walk along them.</summary>
internal sealed class RandomGraph
{
    private readonly List<(int From, int To)> _edges = [];

    internal RandomGraph(int seed, int nodes, int edges, bool acyclic)
    {
        var random = new Random(seed);
        Nodes = nodes;
        for (var edge = 0; edge < edges; edge++)
        {
            var (a, b) = (random.Next(nodes), random.Next(nodes));
            _edges.Add(acyclic ? (Math.Max(a, b), Math.Min(a, b)) : (a, b));
        }

        Forward = Adjacency.Build(nodes, [.. _edges.Select(edge => edge.From)], [.. _edges.Select(edge => edge.To)]);
        Backward = Forward.Turn();
    }

    internal int Nodes { get; }

    internal Adjacency Forward { get; }

    internal Adjacency Backward { get; }

    internal IReadOnlyList<(int From, int To)> Edges => _edges;

    /// <summary>Seeds with graphs of all shapes: from nearly no edges to dense ones, with and without cycles.</summary>
    internal static IEnumerable<RandomGraph> Many()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var nodes = 1 + (seed * 7 % 150);
            yield return new RandomGraph(seed, nodes, nodes * (seed % 5), seed % 2 == 0);
        }
    }

    /// <summary>What is reached from some nodes, these included, by going over all edges until nothing is new.</summary>
    internal HashSet<int> Reach(IEnumerable<int> starts, int without = -1)
    {
        var reached = starts.Where(start => start != without).ToHashSet();
        while (_edges.Count(edge => reached.Contains(edge.From) && edge.To != without && reached.Add(edge.To)) > 0)
        {
        }

        return reached;
    }
}
