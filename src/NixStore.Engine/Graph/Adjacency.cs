namespace NixStore.Engine.Graph;

/// <summary>Edges of a graph as compressed rows: the neighbours of node n are between two offsets of one array.</summary>
public sealed class Adjacency
{
    private readonly int[] _offsets;
    private readonly int[] _neighbours;

    private Adjacency(int[] offsets, int[] neighbours)
    {
        _offsets = offsets;
        _neighbours = neighbours;
    }

    /// <summary>Number of edges.</summary>
    public int EdgeCount => _neighbours.Length;

    /// <summary>The neighbours of a node.</summary>
    public ReadOnlySpan<int> this[int node] => _neighbours.AsSpan(_offsets[node], _offsets[node + 1] - _offsets[node]);

    /// <summary>Sorts a list of edges by their first end, by counting; edges of a node keep their order.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="from">First ends.</param>
    /// <param name="to">Second ends, as many.</param>
    internal static Adjacency Build(int nodes, ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        var edges = new EdgeList();
        for (var edge = 0; edge < from.Length; edge++)
        {
            edges.Add(from[edge], to[edge]);
        }

        return Build(nodes, edges);
    }

    /// <summary>Sorts a list of edges by their first end, by counting; edges of a node keep their order.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="edges">The edges.</param>
    internal static Adjacency Build(int nodes, EdgeList edges)
    {
        var offsets = new int[nodes + 1];
        foreach (var block in edges.Blocks())
        {
            foreach (var (from, _) in block.AsSpan())
            {
                offsets[from + 1]++;
            }
        }

        AddUp(offsets);
        var neighbours = new int[edges.Count];
        foreach (var block in edges.Blocks())
        {
            foreach (var (from, to) in block.AsSpan())
            {
                // The offset of a node moves to its end, which is where the next one begins; moved back below.
                neighbours[offsets[from]++] = to;
            }
        }

        MoveBack(offsets);
        return new Adjacency(offsets, neighbours);
    }

    /// <summary>The same edges turned round; the neighbours of each node are in ascending order.</summary>
    internal Adjacency Turn()
    {
        var offsets = new int[_offsets.Length];
        foreach (var neighbour in _neighbours)
        {
            offsets[neighbour + 1]++;
        }

        AddUp(offsets);
        var neighbours = new int[_neighbours.Length];
        for (var node = 0; node < _offsets.Length - 1; node++)
        {
            foreach (var neighbour in this[node])
            {
                neighbours[offsets[neighbour]++] = node;
            }
        }

        MoveBack(offsets);
        return new Adjacency(offsets, neighbours);
    }

    private static void AddUp(int[] offsets)
    {
        for (var node = 1; node < offsets.Length; node++)
        {
            offsets[node] += offsets[node - 1];
        }
    }

    private static void MoveBack(int[] offsets)
    {
        offsets.AsSpan(0, offsets.Length - 1).CopyTo(offsets.AsSpan(1));
        offsets[0] = 0;
    }
}
