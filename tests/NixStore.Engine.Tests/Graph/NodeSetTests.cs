using NixStore.Engine.Graph;

namespace NixStore.Engine.Tests.Graph;

public sealed class NodeSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void Nodes_come_and_go(int nodes)
    {
        var set = new NodeSet(nodes);

        Assert.False(set.Contains(nodes - 1));
        Assert.False(set.Remove(nodes - 1));
        Assert.True(set.Add(nodes - 1));
        Assert.False(set.Add(nodes - 1));
        Assert.Equal([nodes - 1], set.Nodes());
        Assert.Equal(1, set.Count);
        Assert.True(set.Remove(nodes - 1));
        Assert.Equal(0, set.Count);
        Assert.Empty(set.Nodes());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(63)]
    [InlineData(64)]
    public void A_node_of_another_graph_is_refused(int node)
    {
        var set = new NodeSet(10);

        Assert.Throws<ArgumentOutOfRangeException>(() => set.Contains(node));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(node));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Remove(node));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.AddClosure([node]));
    }

    [Fact]
    public void An_empty_graph_has_an_empty_set()
    {
        var set = new NodeSet(0);
        set.AddClosure([], new RandomGraph(1, 1, 0, true).Forward);

        Assert.Empty(set.Nodes());
    }

    [Fact]
    public void A_closure_is_what_is_reached_by_any_edges()
    {
        foreach (var graph in RandomGraph.Many())
        {
            var forward = new NodeSet(graph.Nodes);
            forward.AddClosure([graph.Nodes - 1, graph.Nodes / 2, graph.Nodes - 1], graph.Forward);
            Assert.Equal(graph.Reach([graph.Nodes - 1, graph.Nodes / 2]).Order(), forward.Nodes());
            Assert.Equal(forward.Nodes().Count(), forward.Count);
        }
    }

    [Fact]
    public void Several_kinds_of_edges_make_one_closure()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (one, other) = (new RandomGraph(seed, 200, 150, true), new RandomGraph(seed + 1000, 200, 150, false));
            var set = new NodeSet(200);
            set.AddClosure([199], one.Forward, other.Backward);

            var expected = new HashSet<int> { 199 };
            var before = 0;
            while (before < expected.Count)
            {
                before = expected.Count;
                expected.UnionWith(one.Edges.Where(edge => expected.Contains(edge.From)).Select(edge => edge.To).ToList());
                expected.UnionWith(other.Edges.Where(edge => expected.Contains(edge.To)).Select(edge => edge.From).ToList());
            }

            Assert.Equal(expected.Order(), set.Nodes());
        }
    }

    [Fact]
    public void What_is_in_the_set_is_not_walked_through_again()
    {
        // 3 -> 2 -> 1 -> 0
        var chain = Adjacency.Build(4, [3, 2, 1], [2, 1, 0]);
        var set = new NodeSet(4);
        set.Add(2);
        set.AddClosure([3], chain);

        Assert.Equal([2, 3], set.Nodes());
    }

    [Fact]
    public void A_chain_that_runs_to_and_fro_is_followed_to_its_end()
    {
        // From the last to the first, the last but one, the second, and so on: each sweep gets two steps farther.
        const int nodes = 20_000;
        int[] order = [.. Enumerable.Range(0, nodes).Select(i => i % 2 == 0 ? nodes - 1 - (i / 2) : i / 2)];
        var edges = Adjacency.Build(nodes, order[..^1], order[1..]);
        var set = new NodeSet(nodes);
        set.AddClosure([order[0]], edges);

        Assert.Equal(nodes, set.Count);
    }
}
