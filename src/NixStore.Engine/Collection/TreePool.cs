using System.Collections.Concurrent;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Collection;

/// <summary>Keeps the buffers of trees from batch to batch; those that a large tree has made large are let go. Safe for several threads.</summary>
internal sealed class TreePool
{
    private const long Large = 256;
    private readonly ConcurrentBag<DoomedTree> _trees = [];

    internal DoomedTree Take() => _trees.TryTake(out var tree) ? tree : new DoomedTree();

    internal void Return(DoomedTree tree)
    {
        if (tree.FileCount <= Large)
        {
            _trees.Add(tree);
        }
    }
}
