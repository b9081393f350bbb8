namespace NixStore.Engine.Graph;

/// <summary>Sorts nodes such that whatever refers to a node comes before it: the order in which rows can be deleted.</summary>
public static class ReferrersFirst
{
    /// <summary>
    /// Sorts some nodes by the edges among them, level by level, of each level those first that were registered last. So derivations, whose
    /// rows are the work, and outputs, whose files are, come mixed: a collection does both at once.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isWanted">Which nodes.</param>
    /// <returns>The sorted nodes; and those that cannot be sorted, as they are in a cycle or referred to by one.</returns>
    public static (IReadOnlyList<int> Order, IReadOnlyList<int> Cyclic) Sort(StoreGraph graph, Func<int, bool> isWanted)
    {
        // Number of wanted referrers that have not come yet; -1 for what is not wanted.
        var waiting = new int[graph.Count];
        var wanted = 0;
        for (var node = 0; node < waiting.Length; node++)
        {
            waiting[node] = isWanted(node) ? 0 : -1;
            wanted += waiting[node] + 1;
        }

        for (var node = 0; node < waiting.Length; node++)
        {
            if (waiting[node] >= 0)
            {
                foreach (var referrer in graph.Referrers[node])
                {
                    waiting[node] += waiting[referrer] >= 0 ? 1 : 0;
                }
            }
        }

        var order = new List<int>(wanted);
        var ready = new Queue<int>();
        for (var node = waiting.Length - 1; node >= 0; node--)
        {
            if (waiting[node] == 0)
            {
                ready.Enqueue(node);
            }
        }

        while (ready.TryDequeue(out var node))
        {
            order.Add(node);
            foreach (var reference in graph.References[node])
            {
                if (waiting[reference] > 0 && --waiting[reference] == 0)
                {
                    ready.Enqueue(reference);
                }
            }
        }

        return (order, order.Count == wanted ? [] : [.. Enumerable.Range(0, waiting.Length).Where(node => waiting[node] > 0)]);
    }
}
