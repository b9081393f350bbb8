using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>Roots that are taken for removed already: those whose link is named, and those that lead to the store by way of it. Not for several threads.</summary>
/// <param name="store">The store.</param>
/// <param name="links">Links, as they are called on this machine.</param>
public sealed class AssumedRoots(StoreLocation store, IReadOnlyCollection<string> links)
{
    private readonly HashSet<string> _links = new(links, StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>The links that no root that was asked about has anything to do with.</summary>
    public IEnumerable<string> NotFound => _links.Except(_found);

    /// <summary>True when the root is to be taken for removed.</summary>
    public bool Covers(StoreRoot root)
    {
        // An indirect root is a link to a link; whoever names either means both.
        string?[] names = [root.Link, root.Target, RootHolder.Of(root, store)];
        var named = names.Where(name => name is not null && _links.Contains(name)).ToList();
        named.ForEach(name => _found.Add(name!));
        return named.Count > 0;
    }
}
