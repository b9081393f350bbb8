using NixStore.Engine.Graph;

namespace NixStore.Engine.Tests.Graph;

public sealed class ShortestChainsTests
{
    [Fact]
    public void Distances_and_chains_are_those_of_a_naive_search()
    {
        foreach (var graph in RandomGraph.Many())
        {
            var chains = new ShortestChains(graph.Nodes, [graph.Forward], [graph.Backward]);
            foreach (var end in new[] { 0, graph.Nodes / 3 })
            {
                chains.SearchTo(end, CancellationToken.None);
                var expected = DistancesTo(end, graph);
                for (var node = 0; node < graph.Nodes; node++)
                {
                    Assert.Equal(expected.GetValueOrDefault(node, -1), chains.DistanceFrom(node));
                    var found = chains.ChainsFrom(node).Take(50).ToList();
                    Assert.Equal(expected.ContainsKey(node), found.Count > 0);
                    Assert.All(found, chain => AssertChain(chain, node, end, expected[node], graph));
                    Assert.Equal(found.Count, found.Select(chain => string.Join(' ', chain)).Distinct().Count());
                }

                Assert.Equal(expected.Count, chains.Reaching.Count);
                Assert.Equal(chains.Reaching.Select(chains.DistanceFrom).Order(), chains.Reaching.Select(chains.DistanceFrom));
            }
        }
    }

    [Fact]
    public void All_shortest_chains_are_given_and_no_longer_one()
    {
        // 5 -> 4, 3 -> 1 -> 0, and 5 -> 2 -> 6 -> 0; 3 -> 1 twice.
        var forward = Adjacency.Build(7, [5, 5, 4, 3, 3, 1, 5, 2, 6], [4, 3, 1, 1, 1, 0, 2, 6, 0]);
        var chains = new ShortestChains(7, [forward], [forward.Turn()]);
        chains.SearchTo(0, CancellationToken.None);

        Assert.Equal(["5 4 1 0", "5 3 1 0", "5 2 6 0"], chains.ChainsFrom(5).Select(chain => string.Join(' ', chain)));
        Assert.Equal([[0]], chains.ChainsFrom(0));
    }

    [Fact]
    public void A_chain_of_any_length_is_found()
    {
        const int nodes = 300_000;
        var forward = Adjacency.Build(nodes, [.. Enumerable.Range(1, nodes - 1)], [.. Enumerable.Range(0, nodes - 1)]);
        var chains = new ShortestChains(nodes, [forward], [forward.Turn()]);
        chains.SearchTo(0, CancellationToken.None);

        Assert.Equal(nodes, chains.ChainsFrom(nodes - 1).Single().Count);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        var graph = new RandomGraph(1, 10, 20, true);
        var chains = new ShortestChains(graph.Nodes, [graph.Forward], [graph.Backward]);

        Assert.Throws<OperationCanceledException>(() => chains.SearchTo(0, new CancellationToken(true)));
    }

    private static void AssertChain(IReadOnlyList<int> chain, int start, int end, int distance, RandomGraph graph)
    {
        Assert.Equal(start, chain[0]);
        Assert.Equal(end, chain[^1]);
        Assert.Equal(distance, chain.Count - 1);
        Assert.All(chain.Zip(chain.Skip(1)), step => Assert.Contains((step.First, step.Second), graph.Edges));
    }

    private static Dictionary<int, int> DistancesTo(int end, RandomGraph graph)
    {
        var distances = new Dictionary<int, int> { [end] = 0 };
        for (var distance = 1; ; distance++)
        {
            var next = graph.Edges.Where(edge => distances.ContainsKey(edge.To) && !distances.ContainsKey(edge.From)).Select(edge => edge.From).ToHashSet();
            if (next.Count == 0)
            {
                return distances;
            }

            foreach (var node in next)
            {
                distances[node] = distance;
            }
        }
    }
}
