using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Graph;

public sealed class StoreGraphTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b.drv", "c");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Paths_sizes_and_references_are_those_of_the_database()
    {
        _store.Sql("insert into Refs select id, id from ValidPaths");
        var graph = Load();
        var (a, b, c) = (graph.Find(_store.Full("a")), graph.Find(_store.Full("b.drv")), graph.Find(_store.Full("c")));

        Assert.Equal([0, 1, 2], [a, b, c]);
        Assert.Equal(_store.Full("b.drv"), graph.PathOf(b));
        Assert.Equal([[], [a], [b]], [graph.References[a].ToArray(), graph.References[b].ToArray(), graph.References[c].ToArray()]);
        Assert.Equal([[b], [c], []], [graph.Referrers[a].ToArray(), graph.Referrers[b].ToArray(), graph.Referrers[c].ToArray()]);
        Assert.True(graph.NarSizeOf(a) > 0);
        Assert.True(graph.IsDerivation(b));
        Assert.Equal([true, true, false], [graph.FindRow(graph.RowOf(c)) == c, graph.Find(graph.PathOf(c)) == c, graph.Find("/nix/store/x") >= 0]);
        Assert.Equal([a, b, c], graph.Close([c], graph.References).Nodes());
    }

    [Fact]
    public void Derivers_and_outputs_that_are_registered_are_edges()
    {
        _store.Sql($"update ValidPaths set deriver = '{_store.Full("b.drv")}' where id = 3; update ValidPaths set deriver = '{_store.Full("gone.drv")}' where id = 1;"
            + $"insert into DerivationOutputs values (2, 'out', '{_store.Full("c")}'), (2, 'dev', '{_store.Full("gone")}'), (1, 'out', '{_store.Full("c")}')");
        var graph = Load();

        Assert.Equal([-1, -1, 1], Enumerable.Range(0, 3).Select(graph.DeriverOf));
        Assert.Equal([[2], [2], []], Enumerable.Range(0, 3).Select(node => graph.Outputs[node].ToArray()));
        Assert.Equal([0, 1], graph.Makers[2].ToArray());
    }

    [Fact]
    public void What_contradicts_itself_is_told_apart()
    {
        _store.Sql("pragma foreign_keys = 0; insert into Refs values (3, 99), (98, 1); insert into ValidPaths(id, path, hash, registrationTime) values (4, '/elsewhere/x', 'sha256:0', 1);"
            + "update ValidPaths set deriver = '/elsewhere/x' where id = 1");
        var graph = Load();

        Assert.Equal([new DanglingReference(3, 99, 2, -1), new DanglingReference(98, 1, -1, 0)], graph.DanglingReferences);
        Assert.Equal("/elsewhere/x", graph.PathOf(3));
        Assert.Equal(3, graph.Find("/elsewhere/x"));
        Assert.Equal(3, graph.DeriverOf(0));
        Assert.Equal(-1, graph.Find("/nix/store//elsewhere/x"));
        Assert.Equal(0, graph.NarSizeOf(3));
    }

    [Fact]
    public void Rows_may_be_far_apart()
    {
        _store.Sql($"insert into ValidPaths(id, path, hash, registrationTime, narSize) values (4000000000000, '{_store.Full("late")}', 'sha256:0', 1, 5);"
            + "insert into Refs values (4000000000000, 1)");
        var graph = Load();

        Assert.Equal(3, graph.FindRow(4000000000000));
        Assert.Equal([0], graph.References[3].ToArray());
    }

    [Fact]
    public void An_empty_store_is_an_empty_graph()
    {
        using var empty = new SmallStore();
        using var database = StoreDatabase.OpenForReading(empty.Location);
        var graph = StoreGraph.Load(database, CancellationToken.None);

        Assert.Equal(0, graph.Count);
        Assert.Equal(-1, graph.Find(empty.Full("a")));
    }

    [Fact]
    public void More_edges_than_a_block_holds_are_all_there()
    {
        var edges = new EdgeList();
        const int count = (1 << 20) + 5;
        for (var edge = 0; edge < count; edge++)
        {
            edges.Add(edge % 3, edge);
        }

        var adjacency = Adjacency.Build(count, edges);
        Assert.Equal(count, adjacency.EdgeCount);
        Assert.Equal(Enumerable.Range(0, count).Where(edge => edge % 3 == 1), adjacency[1].ToArray());
        Assert.Equal([1], adjacency.Turn()[count - 1 - ((count - 2) % 3)].ToArray());
    }

    private StoreGraph Load()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return StoreGraph.Load(database, CancellationToken.None);
    }
}
