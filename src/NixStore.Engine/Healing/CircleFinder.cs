using NixStore.Engine.Database;
using NixStore.Engine.Graph;

namespace NixStore.Engine.Healing;

/// <summary>Rows that refer to each other in circles, which no store can have (NIX-ON-DAMAGE, case g4).</summary>
internal static class CircleFinder
{
    /// <summary>The full paths of all rows that are in a circle.</summary>
    internal static HashSet<string> FindMembers(IReadOnlyList<ForgottenRow> rows)
        => [.. Find(rows).SelectMany(circle => circle).Select(row => row.Path)];

    /// <summary>The circles: rows each of which refers, by way of others, to all of its circle.</summary>
    internal static IReadOnlyList<IReadOnlyList<ForgottenRow>> Find(IReadOnlyList<ForgottenRow> rows)
    {
        var numbers = new Dictionary<string, int>(rows.Count, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            numbers.Add(row.Path, numbers.Count);
        }

        var edges = new EdgeList();
        for (var node = 0; node < rows.Count; node++)
        {
            foreach (var reference in rows[node].References)
            {
                if (numbers.TryGetValue(reference, out var target) && target != node)
                {
                    edges.Add(node, target);
                }
            }
        }

        var references = Adjacency.Build(rows.Count, edges);
        return [.. StrongComponents.Find(references, Unsortable(references, rows.Count)).Select(component => component.ConvertAll(node => rows[node]))];
    }

    /// <summary>What remains when everything is taken away that nothing refers to, again and again: few nodes, where there are circles at all.</summary>
    private static List<int> Unsortable(Adjacency references, int count)
    {
        var referrers = new int[count];
        for (var node = 0; node < count; node++)
        {
            foreach (var reference in references[node])
            {
                referrers[reference]++;
            }
        }

        var free = new Stack<int>(Enumerable.Range(0, count).Where(node => referrers[node] == 0));
        while (free.TryPop(out var node))
        {
            referrers[node] = -1;
            foreach (var reference in references[node])
            {
                if (--referrers[reference] == 0)
                {
                    free.Push(reference);
                }
            }
        }

        return [.. Enumerable.Range(0, count).Where(node => referrers[node] > 0)];
    }
}
