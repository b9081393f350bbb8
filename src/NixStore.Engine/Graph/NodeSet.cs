using System.Numerics;

namespace NixStore.Engine.Graph;

/// <summary>A set of nodes of one graph: one bit a node. Not for several threads.</summary>
public sealed class NodeSet
{
    private readonly ulong[] _bits;
    private readonly int _nodes;

    /// <summary>Makes an empty set.</summary>
    /// <param name="nodes">Number of nodes of the graph.</param>
    public NodeSet(int nodes)
    {
        _nodes = nodes;
        _bits = new ulong[(nodes + 63) / 64];
    }

    /// <summary>Number of nodes in it.</summary>
    public int Count { get; private set; }

    /// <summary>True when the node is in it.</summary>
    public bool Contains(int node) => (_bits[Check(node) >> 6] & (1UL << node)) != 0;

    /// <summary>Adds a node; false when it was in it already.</summary>
    public bool Add(int node)
    {
        if (Contains(node))
        {
            return false;
        }

        _bits[node >> 6] |= 1UL << node;
        Count++;
        return true;
    }

    /// <summary>Takes a node out; false when it was not in it.</summary>
    public bool Remove(int node)
    {
        if (!Contains(node))
        {
            return false;
        }

        _bits[node >> 6] &= ~(1UL << node);
        Count--;
        return true;
    }

    /// <summary>Adds all that is reached along any of the edges; what is in the set already is not walked through again.</summary>
    /// <param name="starts">Where to begin; added as well.</param>
    /// <param name="edges">Which ways to go.</param>
    public void AddClosure(IEnumerable<int> starts, params ReadOnlySpan<Adjacency> edges)
    {
        var sweep = new ClosureSweep(_bits);
        foreach (var start in starts)
        {
            sweep.Add(Check(start));
        }

        sweep.Run(edges);
        Count += sweep.Added;
    }

    /// <summary>The nodes in it, in ascending order.</summary>
    public IEnumerable<int> Nodes()
    {
        for (var word = 0; word < _bits.Length; word++)
        {
            for (var rest = _bits[word]; rest != 0; rest &= rest - 1)
            {
                yield return (word << 6) + BitOperations.TrailingZeroCount(rest);
            }
        }
    }

    /// <summary>A node beyond the last would be a bit of the last word.</summary>
    private int Check(int node) => (uint)node < (uint)_nodes ? node : throw new ArgumentOutOfRangeException(nameof(node), node, null);
}
