using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>Says whether any of some patterns covers a path. One without wildcards means what it resolves to.</summary>
internal sealed class PathFilter
{
    private readonly List<StorePathPattern> _wildcards;
    private readonly HashSet<string> _paths;

    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public PathFilter(StoreLocation store, IReadOnlyList<StorePathPattern> patterns)
    {
        _wildcards = [.. patterns.Where(pattern => pattern.IsWildcard)];
        _paths = patterns.Where(pattern => !pattern.IsWildcard).Select(pattern => Resolve(store, pattern.Text)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>True when a full logical path is covered.</summary>
    public bool IsMatch(string path) => _paths.Contains(path) || _wildcards.Exists(pattern => pattern.IsMatch(path));

    /// <summary>The full logical path that text means; garbage directly below the store directory or below .links need not have the name of a store path.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public static string Resolve(StoreLocation store, string text)
    {
        var logical = StorePathResolver.ToLogical(store, text);
        var prefix = store.Directory.Path + "/";
        if (logical.StartsWith(prefix, StringComparison.Ordinal))
        {
            var name = logical[prefix.Length..];
            if (!name.Contains('/') || (name.StartsWith(".links/", StringComparison.Ordinal) && name.LastIndexOf('/') == ".links".Length))
            {
                return logical;
            }
        }

        return store.Directory.Print(StorePathResolver.Resolve(store, text));
    }
}
