using NixStore.Engine.Graph;

namespace NixStore.Engine.Tests.Graph;

public sealed class DominatorsTests
{
    [Fact]
    public void A_node_dominates_what_is_not_reached_without_it()
    {
        foreach (var (graph, groups) in Cases())
        {
            var dominators = Find(graph, groups);
            var entries = groups.SelectMany(group => group).ToList();
            var reached = graph.Reach(entries);
            var without = Enumerable.Range(0, graph.Nodes).Select(node => graph.Reach(entries, node)).ToList();
            for (var node = 0; node < graph.Nodes; node++)
            {
                Assert.Equal(reached.Contains(node), dominators.IsReached(node));
                var expected = reached.Contains(node)
                    ? Enumerable.Range(0, graph.Nodes).Where(other => other != node && !without[other].Contains(node)).ToList() : [];
                Assert.Equal(expected, dominators.Of(node).Order());
            }
        }
    }

    [Fact]
    public void A_group_has_what_is_not_reached_without_it()
    {
        foreach (var (graph, groups) in Cases())
        {
            var dominators = Find(graph, groups);
            var reached = graph.Reach(groups.SelectMany(group => group));
            var sums = dominators.SumGroups(node => 1L << (node % 40));
            for (var group = 0; group < groups.Count; group++)
            {
                var others = graph.Reach(groups.Where((_, index) => index != group).SelectMany(other => other));
                var exclusive = reached.Except(others).ToList();
                Assert.Equal((exclusive.Count, exclusive.Sum(node => 1L << (node % 40))), sums[group]);
                Assert.All(reached, node => Assert.Equal(exclusive.Contains(node), dominators.GroupOf(node) == group));
            }
        }
    }

    [Fact]
    public void The_nearest_dominator_comes_first()
    {
        // 4 -> 3 -> 2 or 1 -> 0
        var graph = Adjacency.Build(5, [4, 3, 3, 2, 1], [3, 2, 1, 0, 0]);
        var dominators = Dominators.Find(5, [graph], [graph.Turn()], [[4]], CancellationToken.None);

        Assert.Equal([3, 4], dominators.Of(0));
        Assert.Empty(dominators.Of(4));
    }

    [Fact]
    public void Neither_depth_nor_a_ladder_is_too_much()
    {
        // Each node refers to the next two: nothing but the first is a dominator.
        const int nodes = 300_000;
        int[] from = [.. Enumerable.Range(0, nodes - 1), .. Enumerable.Range(0, nodes - 2)];
        int[] to = [.. Enumerable.Range(1, nodes - 1), .. Enumerable.Range(2, nodes - 2)];
        var ladder = Adjacency.Build(nodes, from, to);
        var dominators = Dominators.Find(nodes, [ladder], [ladder.Turn()], [[0]], CancellationToken.None);

        Assert.Equal([0], dominators.Of(nodes - 1));
        Assert.Equal((nodes, (long)nodes), dominators.SumGroups(_ => 1)[0]);

        var chain = Adjacency.Build(nodes, from[..(nodes - 1)], to[..(nodes - 1)]);
        Assert.Equal(nodes - 1, Dominators.Find(nodes, [chain], [chain.Turn()], [[0]], CancellationToken.None).Of(nodes - 1).Count());
    }

    [Fact]
    public void Without_entries_nothing_is_reached()
    {
        var graph = new RandomGraph(1, 10, 20, true);

        Assert.False(Find(graph, []).IsReached(0));
        Assert.Equal([(0, 0L)], Find(graph, [[]]).SumGroups(_ => 1));
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        var graph = new RandomGraph(1, 100_000, 100_000, false);

        Assert.Throws<OperationCanceledException>(() => Dominators.Find(
            graph.Nodes, [graph.Forward], [graph.Backward], [[.. Enumerable.Range(0, graph.Nodes)]], new CancellationToken(true)));
    }

    private static Dominators Find(RandomGraph graph, IReadOnlyList<IReadOnlyCollection<int>> groups)
        => Dominators.Find(graph.Nodes, [graph.Forward], [graph.Backward], groups, CancellationToken.None);

    /// <summary>Each graph with up to six groups of up to three entries, some in several groups.</summary>
    private static IEnumerable<(RandomGraph Graph, IReadOnlyList<IReadOnlyCollection<int>> Groups)> Cases()
    {
        var random = new Random(7);
        foreach (var graph in RandomGraph.Many().Where(graph => graph.Nodes < 80))
        {
            yield return (graph, [.. Enumerable.Range(0, random.Next(7)).Select(_ =>
                (IReadOnlyCollection<int>)[.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => random.Next(graph.Nodes))])]);
        }
    }
}
