using NixStore.Engine.Database;

namespace NixStore.Engine.Graph;

/// <summary>
/// Closures over the registered references, by row ids: a question to the database for each step away from the start, not for each path.
/// Remembers what it has given, so that closures of several paths overlap nowhere.
/// </summary>
/// <param name="database">The rows.</param>
/// <param name="direction">Which way.</param>
public sealed class StoreClosure(StoreDatabase database, ClosureDirection direction)
{
    private readonly HashSet<long> _given = [];

    /// <summary>
    /// The rows that the closure of <paramref name="starts"/> has, these included, beyond what was given before. References come before
    /// those who refer to them; where they form a cycle, which only damage can, the older row comes first.
    /// </summary>
    /// <param name="starts">Ids of rows.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Ids; one that Refs names but no row has is among them, so that the caller can tell.</returns>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<long> Extend(IEnumerable<long> starts, CancellationToken cancellation)
    {
        var references = new Dictionary<long, List<long>>();
        var border = starts.Where(_given.Add).Distinct().ToList();
        foreach (var start in border)
        {
            references[start] = [];
        }

        while (border.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var forward = direction == ClosureDirection.References;
            var next = new List<long>();
            foreach (var (referrer, reference) in forward ? database.ReadReferences(border) : database.ReadReferrers(border))
            {
                var reached = forward ? reference : referrer;
                if (_given.Add(reached))
                {
                    references[reached] = [];
                    next.Add(reached);
                }

                if (references.TryGetValue(referrer, out var list))
                {
                    list.Add(reference);
                }
            }

            border = next;
        }

        return Sort(references);
    }

    /// <summary>Depth first without recursion: the depth of a damaged graph has no bound. A row is given when all it refers to was.</summary>
    private static List<long> Sort(Dictionary<long, List<long>> references)
    {
        var sorted = new List<long>(references.Count);
        var entered = new HashSet<long>();
        var stack = new Stack<(long Id, int Next)>();
        foreach (var start in references.Keys.Order())
        {
            Enter(start);
            while (stack.TryPop(out var frame))
            {
                var list = references[frame.Id];
                if (frame.Next == list.Count)
                {
                    sorted.Add(frame.Id);
                    continue;
                }

                stack.Push((frame.Id, frame.Next + 1));
                Enter(list[frame.Next]);
            }
        }

        return sorted;

        void Enter(long id)
        {
            if (references.TryGetValue(id, out var list) && entered.Add(id))
            {
                list.Sort();
                stack.Push((id, 0));
            }
        }
    }
}
