using System.Collections;

namespace NixStore.Engine.Graph;

/// <summary>A set of nodes of one graph: one bit a node. Not for several threads.</summary>
public sealed class NodeSet
{
    private readonly BitArray _bits;

    /// <summary>Makes an empty set.</summary>
    /// <param name="nodes">Number of nodes of the graph.</param>
    public NodeSet(int nodes) => _bits = new BitArray(nodes);

    /// <summary>Number of nodes in it.</summary>
    public int Count { get; private set; }

    /// <summary>True when the node is in it.</summary>
    public bool Contains(int node) => _bits[node];

    /// <summary>Adds a node; false when it was in it already.</summary>
    public bool Add(int node)
    {
        if (_bits[node])
        {
            return false;
        }

        _bits[node] = true;
        Count++;
        return true;
    }

    /// <summary>Takes a node out; false when it was not in it.</summary>
    public bool Remove(int node)
    {
        if (!_bits[node])
        {
            return false;
        }

        _bits[node] = false;
        Count--;
        return true;
    }

    /// <summary>Adds all that is reached along any of the edges; what is in the set already is not walked through again.</summary>
    /// <param name="starts">Where to begin; added as well.</param>
    /// <param name="edges">Which ways to go.</param>
    public void AddClosure(IEnumerable<int> starts, params ReadOnlySpan<Adjacency> edges)
    {
        var pending = new Stack<int>();
        foreach (var start in starts)
        {
            if (Add(start))
            {
                pending.Push(start);
            }

            while (pending.TryPop(out var node))
            {
                foreach (var way in edges)
                {
                    foreach (var neighbour in way[node])
                    {
                        if (Add(neighbour))
                        {
                            pending.Push(neighbour);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The nodes in it, in ascending order.</summary>
    public IEnumerable<int> Nodes()
    {
        for (var node = 0; node < _bits.Length; node++)
        {
            if (_bits[node])
            {
                yield return node;
            }
        }
    }
}
