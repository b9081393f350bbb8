namespace NixStore.Engine.Graph;

/// <summary>The forest of Lengauer's and Tarjan's algorithm: finds the node of the lowest semidominator on the way to a root, and shortens the way.</summary>
internal sealed class LinkForest
{
    private const int None = -1;

    // What belongs together is together in memory: a step of the algorithm then waits for memory once, not three times.
    private readonly Entry[] _entries;
    private int[] _way = new int[64];

    internal LinkForest(int nodes)
    {
        _entries = new Entry[nodes];
        Array.Fill(_entries, new Entry { Ancestor = None });
    }

    /// <summary>The semidominator of a node that was linked.</summary>
    internal int SemidominatorOf(int node) => _entries[node].Semidominator;

    /// <summary>Makes a node, a root until now, the child of another one.</summary>
    internal void Link(int parent, int node, int semidominator)
        => _entries[node] = new Entry { Ancestor = parent, Semidominator = semidominator, Lowest = node, LowestSemidominator = semidominator };

    /// <summary>The node with the lowest semidominator between a linked node and the root of its tree, the root left out; and that semidominator.</summary>
    internal (int Node, int Semidominator) Evaluate(int node)
    {
        var depth = 0;
        for (var current = node; _entries[_entries[current].Ancestor].Ancestor != None; current = _entries[current].Ancestor)
        {
            if (depth == _way.Length)
            {
                Array.Resize(ref _way, depth * 2);
            }

            _way[depth++] = current;
        }

        // From the top down: what is above is shortened already.
        while (depth > 0)
        {
            ref var current = ref _entries[_way[--depth]];
            ref var above = ref _entries[current.Ancestor];
            if (above.LowestSemidominator < current.LowestSemidominator)
            {
                current.Lowest = above.Lowest;
                current.LowestSemidominator = above.LowestSemidominator;
            }

            current.Ancestor = above.Ancestor;
        }

        return (_entries[node].Lowest, _entries[node].LowestSemidominator);
    }

    private struct Entry
    {
        internal int Ancestor;
        internal int Semidominator;
        internal int Lowest;
        internal int LowestSemidominator;
    }
}
