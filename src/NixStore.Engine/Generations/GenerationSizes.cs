using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;

namespace NixStore.Engine.Generations;

/// <summary>
/// How much each generation alone keeps: what is reached from its root and from no other. One walk for all generations: each node is
/// claimed by the first root that reaches it, and shared once another one does.
/// </summary>
public static class GenerationSizes
{
    private const int Nobody = -1;
    private const int Shared = -2;

    /// <summary>Adds the sizes.</summary>
    /// <param name="generations">All generations of whatever profiles.</param>
    /// <param name="graph">The store.</param>
    /// <param name="roots">All roots of the store; those that are a link of one of the generations count as that generation's.</param>
    /// <param name="settings">Which edges keep.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    public static IReadOnlyList<StoreGeneration> AddTo(
        IReadOnlyList<StoreGeneration> generations, StoreGraph graph, IEnumerable<StoreRoot> roots, LivenessSettings settings, CancellationToken cancellation)
    {
        var edges = new KeepEdges(graph, settings);
        var owners = new int[graph.Count];
        Array.Fill(owners, Nobody);
        var links = generations.Select(generation => generation.Link)
            .Concat(generations.Where(generation => generation.IsCurrent).Select(generation => generation.Profile)).ToHashSet(StringComparer.Ordinal);
        var others = roots.Where(root => root.State is not StoreRootState.Stale && !links.Contains(root.Link) && !links.Contains(root.Target ?? ""));
        foreach (var root in others)
        {
            Claim(graph, root.Path, Shared, owners, edges, cancellation);
        }

        for (var i = 0; i < generations.Count; i++)
        {
            Claim(graph, generations[i].Path, i, owners, edges, cancellation);
        }

        var sizes = new long[generations.Count];
        for (var node = 0; node < owners.Length; node++)
        {
            if (owners[node] >= 0)
            {
                sizes[owners[node]] += graph.NarSizeOf(node);
            }
        }

        return [.. generations.Select((generation, index) => generation with { ReclaimableSize = sizes[index] })];
    }

    private static void Claim(StoreGraph graph, string? path, int owner, int[] owners, KeepEdges edges, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pending = new Stack<int>();
        Visit(path is null ? -1 : graph.Find(path));
        while (pending.TryPop(out var node))
        {
            foreach (var kept in edges.KeptBy(node))
            {
                Visit(kept);
            }
        }

        void Visit(int node)
        {
            if (node < 0 || owners[node] == owner || owners[node] == Shared)
            {
                return;
            }

            // What another one reached is shared, and so is all it keeps: it is walked through once more.
            owners[node] = owners[node] == Nobody ? owner : Shared;
            pending.Push(node);
        }
    }
}
