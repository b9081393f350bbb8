using NixStore.Engine.Graph;

namespace NixStore.Engine.Roots;

/// <summary>Sums of the NAR sizes of roots' closures, each path's computed once.</summary>
/// <param name="graph">The store.</param>
public sealed class ClosureSizes(StoreGraph graph)
{
    private readonly Dictionary<int, long> _sizes = [];

    /// <summary>What a root keeps, in bytes; null when its path is not registered.</summary>
    public long? Of(StoreRoot root)
    {
        var node = root.Path is null ? -1 : graph.Find(root.Path);
        if (node < 0)
        {
            return null;
        }

        if (!_sizes.TryGetValue(node, out var size))
        {
            size = graph.Close([node], graph.References).Nodes().Sum(graph.NarSizeOf);
            _sizes.Add(node, size);
        }

        return size;
    }
}
