namespace NixStore.Engine.Graph;

/// <summary>
/// Which nodes cannot be done without: a node dominates another when every chain from any entry to that one passes through it. Entries come in
/// groups (a root is one: all that goes when it goes), and a group dominates what is reached through its entries alone.
/// By the algorithm of Lengauer and Tarjan with path compression, without recursion: the depth of a graph has no bound.
/// </summary>
/// <remarks>T. Lengauer, R. E. Tarjan: A Fast Algorithm for Finding Dominators in a Flowgraph, TOPLAS 1(1), 1979; the simple version, O(m log n).</remarks>
public sealed class Dominators
{
    private const int None = -1;

    private readonly int _nodes;
    private readonly Adjacency[] _forward;
    private readonly Adjacency[] _backward;
    private readonly Adjacency _groupsOf;
    private readonly int[] _numbers;

    // What follows is by number: the start is 0, the others have the order in which a depth-first search came to them.
    private readonly int[] _vertices;
    private readonly int[] _parents;
    private readonly int[] _dominators;
    private int _count;

    private Dominators(int nodes, Adjacency[] forward, Adjacency[] backward, IReadOnlyList<IReadOnlyCollection<int>> groups, CancellationToken cancellation)
    {
        _nodes = nodes;
        _forward = forward;
        _backward = backward;
        var entries = groups.SelectMany(group => group).ToArray();
        var owners = groups.SelectMany((group, index) => Enumerable.Repeat(index, group.Count)).ToArray();
        _groupsOf = Adjacency.Build(nodes, entries, owners);
        _numbers = new int[nodes + groups.Count];
        Array.Fill(_numbers, None);
        _vertices = new int[nodes + groups.Count + 1];
        _parents = new int[nodes + groups.Count + 1];
        Number(groups, cancellation);
        _dominators = Find(cancellation);
    }

    /// <summary>Finds the dominators of all nodes that are reached.</summary>
    /// <param name="nodes">Number of nodes of the graph.</param>
    /// <param name="forward">The edges.</param>
    /// <param name="backward">The same edges, turned round.</param>
    /// <param name="groups">The entries; a node may be in several groups, and in one more than once.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Dominators Find(
        int nodes, ReadOnlySpan<Adjacency> forward, ReadOnlySpan<Adjacency> backward, IReadOnlyList<IReadOnlyCollection<int>> groups,
        CancellationToken cancellation)
        => new(nodes, forward.ToArray(), backward.ToArray(), groups, cancellation);

    /// <summary>True when any entry reaches the node.</summary>
    public bool IsReached(int node) => _numbers[node] != None;

    /// <summary>The nodes that every chain to a node passes, the nearest first, itself left out; none when it is not reached.</summary>
    public IEnumerable<int> Of(int node) => Ancestors(node).Where(vertex => vertex < _nodes);

    /// <summary>The index of the group without which the node would not be reached; -1 when there are several ways, or none.</summary>
    public int GroupOf(int node)
    {
        var last = Ancestors(node).LastOrDefault(None);
        return last >= _nodes ? last - _nodes : None;
    }

    /// <summary>For each group: how many nodes are reached through it alone, and the sum of their sizes.</summary>
    /// <param name="sizeOf">The size of a node.</param>
    public IReadOnlyList<(int Count, long Size)> SumGroups(Func<int, long> sizeOf)
    {
        var counts = new int[_count];
        var sizes = new long[_count];
        var groups = new (int, long)[_numbers.Length - _nodes];
        for (var number = _count - 1; number > 0; number--)
        {
            var vertex = _vertices[number];
            if (vertex >= _nodes)
            {
                groups[vertex - _nodes] = (counts[number], sizes[number]);
                continue;
            }

            // A dominator has a lower number: its own sum is complete when it is its turn.
            counts[_dominators[number]] += counts[number] + 1;
            sizes[_dominators[number]] += sizes[number] + sizeOf(vertex);
        }

        return groups;
    }

    private IEnumerable<int> Ancestors(int node)
    {
        for (var number = _numbers[node]; number > 0 && _dominators[number] > 0; number = _dominators[number])
        {
            yield return _vertices[_dominators[number]];
        }
    }

    private void Number(IReadOnlyList<IReadOnlyCollection<int>> groups, CancellationToken cancellation)
    {
        (_vertices[0], _parents[0], _count) = (None, None, 1);
        var stack = new Stack<(int Number, int Next)>();
        for (var group = 0; group < groups.Count; group++)
        {
            var groupNumber = Enter(_nodes + group, 0);
            foreach (var entry in groups[group])
            {
                if (_numbers[entry] == None)
                {
                    stack.Push((Enter(entry, groupNumber), 0));
                    Descend(stack, cancellation);
                }
            }
        }
    }

    private void Descend(Stack<(int Number, int Next)> stack, CancellationToken cancellation)
    {
        while (stack.TryPop(out var frame))
        {
            if (frame.Number % 65536 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var (next, neighbour) = NextUnnumbered(_vertices[frame.Number], frame.Next);
            if (neighbour != None)
            {
                stack.Push((frame.Number, next));
                stack.Push((Enter(neighbour, frame.Number), 0));
            }
        }
    }

    /// <summary>The first neighbour without a number from a position on, over all ways as if they were one list.</summary>
    private (int Next, int Neighbour) NextUnnumbered(int vertex, int position)
    {
        var before = 0;
        foreach (var way in _forward)
        {
            var neighbours = way[vertex];
            for (var i = Math.Max(position - before, 0); i < neighbours.Length; i++)
            {
                if (_numbers[neighbours[i]] == None)
                {
                    return (before + i + 1, neighbours[i]);
                }
            }

            before += neighbours.Length;
        }

        return (before, None);
    }

    private int Enter(int vertex, int parent)
    {
        _numbers[vertex] = _count;
        _vertices[_count] = vertex;
        _parents[_count] = parent;
        return _count++;
    }

    private int[] Find(CancellationToken cancellation)
    {
        var forest = new LinkForest(_count);
        var dominators = new int[_count];

        // Nodes of one semidominator, as a list through an array.
        var firstOf = new int[_count];
        var nextOf = new int[_count];
        Array.Fill(firstOf, None);
        for (var number = _count - 1; number > 0; number--)
        {
            if (number % 65536 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var semidominator = FindSemidominator(number, forest);
            (nextOf[number], firstOf[semidominator]) = (firstOf[semidominator], number);
            var parent = _parents[number];
            forest.Link(parent, number, semidominator);
            for (var waiting = firstOf[parent]; waiting != None; waiting = nextOf[waiting])
            {
                var lowest = forest.Evaluate(waiting);
                dominators[waiting] = lowest.Semidominator < parent ? lowest.Node : parent;
            }

            firstOf[parent] = None;
        }

        for (var number = 1; number < _count; number++)
        {
            if (dominators[number] != forest.SemidominatorOf(number))
            {
                dominators[number] = dominators[dominators[number]];
            }
        }

        return dominators;
    }

    private int FindSemidominator(int number, LinkForest forest)
    {
        var vertex = _vertices[number];
        if (vertex >= _nodes)
        {
            return 0;
        }

        var lowest = _parents[number];
        foreach (var group in _groupsOf[vertex])
        {
            lowest = Math.Min(lowest, LowestAbove(_numbers[_nodes + group], number, forest));
        }

        foreach (var way in _backward)
        {
            foreach (var before in way[vertex])
            {
                if (_numbers[before] is var known and not None)
                {
                    lowest = Math.Min(lowest, LowestAbove(known, number, forest));
                }
            }
        }

        return lowest;
    }

    /// <summary>What has a lower number is not in the forest yet: it stands for itself.</summary>
    private static int LowestAbove(int before, int number, LinkForest forest)
        => before <= number ? before : forest.Evaluate(before).Semidominator;
}
