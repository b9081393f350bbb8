namespace NixStore.Engine.Graph;

/// <summary>Nodes that reach each other: what damage makes of a graph that must have no cycles.</summary>
internal static class StrongComponents
{
    /// <summary>The components of more than one node, each in ascending order (Tarjan's algorithm, without recursion: chains are long).</summary>
    /// <param name="edges">The edges; none from a node to itself.</param>
    /// <param name="nodes">Which nodes; edges to others do not count.</param>
    internal static List<List<int>> Find(Adjacency edges, IReadOnlyCollection<int> nodes)
    {
        var order = nodes.ToDictionary(node => node, _ => 0);
        var lowest = new Dictionary<int, int>();
        var onStack = new HashSet<int>();
        var stack = new Stack<int>();
        var open = new Stack<(int Node, int Next)>();
        var components = new List<List<int>>();
        var count = 0;
        foreach (var start in nodes.Order())
        {
            Enter(start);
            while (open.TryPop(out var frame))
            {
                if (frame.Next < edges[frame.Node].Length)
                {
                    open.Push((frame.Node, frame.Next + 1));
                    var target = edges[frame.Node][frame.Next];
                    Enter(target);
                    if (onStack.Contains(target))
                    {
                        lowest[frame.Node] = Math.Min(lowest[frame.Node], order[target]);
                    }
                }
                else
                {
                    Leave(frame.Node);
                }
            }
        }

        return components;

        void Enter(int node)
        {
            if (order.TryGetValue(node, out var visited) && visited == 0)
            {
                order[node] = lowest[node] = ++count;
                stack.Push(node);
                onStack.Add(node);
                open.Push((node, 0));
            }
        }

        void Leave(int node)
        {
            if (open.TryPeek(out var parent))
            {
                lowest[parent.Node] = Math.Min(lowest[parent.Node], lowest[node]);
            }

            if (lowest[node] < order[node])
            {
                return;
            }

            var component = new List<int>();
            do
            {
                component.Add(stack.Pop());
                onStack.Remove(component[^1]);
            }
            while (component[^1] != node);

            if (component.Count > 1)
            {
                component.Sort();
                components.Add(component);
            }
        }
    }

    /// <summary>The shortest cycle through the first node of a component, from there on and without coming back to it.</summary>
    /// <param name="edges">The edges.</param>
    /// <param name="component">One of what <see cref="Find"/> gives.</param>
    internal static List<int> FindCycle(Adjacency edges, IReadOnlyList<int> component)
    {
        var start = component[0];
        var inside = component.ToHashSet();
        var from = new Dictionary<int, int>();
        var queue = new Queue<int>([start]);
        while (!from.ContainsKey(start))
        {
            var node = queue.Dequeue();
            foreach (var target in edges[node])
            {
                if (inside.Contains(target) && from.TryAdd(target, node))
                {
                    queue.Enqueue(target);
                }
            }
        }

        var cycle = new List<int> { start };
        for (var node = from[start]; node != start; node = from[node])
        {
            cycle.Add(node);
        }

        cycle.Reverse(1, cycle.Count - 1);
        return cycle;
    }
}
