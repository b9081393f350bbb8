using NixStore.Engine.Roots;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>What must go for a root to go: a process with all that it holds, or the link that names the store path, by whatever other links.</summary>
public static class RootHolder
{
    /// <summary>The same text for roots that go together, and only for these.</summary>
    public static string Of(StoreRoot root, StoreLocation store)
    {
        if (root.Pid is { } pid)
        {
            return $"{pid}";
        }

        if (root.Kind != StoreRootKind.Permanent || root.Origin == StoreRootOrigin.FileName || root.Target is null
            || root.Target.StartsWith(store.Directory.Path + "/", StringComparison.Ordinal))
        {
            return root.Link;
        }

        var prefix = LinkTree.PrefixOf(store);

        // Below another root directory, an absolute link means a file of that root.
        return root.Target.StartsWith('/') && !root.Target.StartsWith(prefix + "/", StringComparison.Ordinal)
            ? prefix + Path.GetFullPath(root.Target)
            : Path.GetFullPath(root.Target, Path.GetDirectoryName(root.Link) ?? "/");
    }
}
