using NixStore.Engine.Graph;

namespace NixStore.Engine.Tests.Graph;

public sealed class StrongComponentsTests
{
    [Fact]
    public void A_component_is_what_reaches_each_other()
    {
        foreach (var graph in RandomGraph.Many())
        {
            var reach = Enumerable.Range(0, graph.Nodes).Select(node => graph.Reach([node])).ToList();
            var expected = Enumerable.Range(0, graph.Nodes)
                .Select(node => reach[node].Where(other => reach[other].Contains(node)).Order().ToList())
                .Where(component => component.Count > 1).DistinctBy(component => component[0]).OrderBy(component => component[0]).ToList();

            var components = StrongComponents.Find(graph.Forward, [.. Enumerable.Range(0, graph.Nodes)]).OrderBy(component => component[0]).ToList();

            Assert.Equal(expected, components);
        }
    }

    [Fact]
    public void Only_the_nodes_asked_for_count()
    {
        var edges = Adjacency.Build(4, [0, 1, 2, 3], [1, 2, 3, 0]);
        Assert.Equal([[0, 1, 2, 3]], StrongComponents.Find(edges, [0, 1, 2, 3]));
        Assert.Empty(StrongComponents.Find(edges, [0, 1, 2]));
    }

    [Fact]
    public void A_cycle_goes_along_edges_and_is_the_shortest()
    {
        // 0 -> 1 -> 2 -> 0, and the longer way 1 -> 3 -> 2.
        var edges = Adjacency.Build(4, [0, 1, 1, 3, 2], [1, 3, 2, 2, 0]);
        Assert.Equal([0, 1, 2], StrongComponents.FindCycle(edges, Assert.Single(StrongComponents.Find(edges, [0, 1, 2, 3]))));
    }

    [Fact]
    public void Long_chains_need_no_stack()
    {
        const int count = 200_000;
        var edges = Adjacency.Build(count, [.. Enumerable.Range(0, count)], [.. Enumerable.Range(0, count).Select(node => (node + 1) % count)]);

        var component = Assert.Single(StrongComponents.Find(edges, [.. Enumerable.Range(0, count)]));

        Assert.Equal(count, component.Count);
        Assert.Equal(count, StrongComponents.FindCycle(edges, component).Count);
    }
}
