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
        var offsets = new int[nodes + 1];
        foreach (var node in from)
        {
            offsets[node + 1]++;
        }

        for (var node = 0; node < nodes; node++)
        {
            offsets[node + 1] += offsets[node];
        }

        var neighbours = new int[from.Length];
        for (var edge = 0; edge < from.Length; edge++)
        {
            // The offset of a node moves to its end, which is where the next one begins; moved back below.
            neighbours[offsets[from[edge]]++] = to[edge];
        }

        offsets.AsSpan(0, nodes).CopyTo(offsets.AsSpan(1));
        offsets[0] = 0;
        return new Adjacency(offsets, neighbours);
    }
}
