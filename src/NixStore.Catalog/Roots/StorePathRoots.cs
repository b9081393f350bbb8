namespace NixStore.Catalog.Roots;

/// <summary>Store paths that somebody names as roots: each is an origin of its own, unless they are given one.</summary>
public static class StorePathRoots
{
    /// <summary>Parses one.</summary>
    /// <param name="path">A full store path.</param>
    /// <param name="directory">The store directory of the catalog.</param>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public static StorePath Parse(string path, StoreDirectory directory)
    {
        var shown = RootErrors.Show(path);
        if (!path.StartsWith(directory.Path + "/", StringComparison.Ordinal))
        {
            throw new NixStoreException("NotInStoreDirectory", StoreErrorKind.InvalidArgument, $"'{shown}' is not in {directory}, the store directory of the catalog.", shown, $"Give a path below {directory}.");
        }

        return StorePath.TryParse(path[(directory.Path.Length + 1)..], out var parsed, out var reason) ? parsed : throw new NixStoreException(
            "InvalidStorePath", StoreErrorKind.InvalidArgument, $"'{shown}' is not a store path: {reason}.", shown, $"A store path looks like {directory}/<32 characters>-<name>.");
    }

    /// <summary>The lists of paths.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="directory">The store directory of the catalog.</param>
    /// <param name="origin">One name for all of them; null = each is its own.</param>
    /// <param name="isPin">True when they are to expire.</param>
    public static IReadOnlyList<RootList> From(IReadOnlyList<StorePath> paths, StoreDirectory directory, string? origin, bool isPin)
    {
        var kind = isPin ? BinaryCacheRootKind.Pin : BinaryCacheRootKind.StorePath;
        return origin is not null ? [new RootList(kind, origin, paths)]
            : [.. paths.Distinct().Select(path => new RootList(kind, directory.Print(path), [path]))];
    }
}
