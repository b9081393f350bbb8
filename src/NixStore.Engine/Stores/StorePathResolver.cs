using NixStore.Engine.Native;

namespace NixStore.Engine.Stores;

/// <summary>
/// Which store object a user means: by its base name, its logical path, its real path on this machine, a path inside of it, or a
/// symbolic link to any of these (<c>./result</c>, <c>/run/current-system</c>). The object itself need not be there.
/// </summary>
public static class StorePathResolver
{
    /// <summary>As the kernel's own limit.</summary>
    private const int MaximumLinks = 40;

    /// <summary>The store object that an absolute path or a base name means.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public static StorePath Resolve(StoreLocation store, string text)
    {
        if (!text.Contains('/'))
        {
            return StorePath.Parse(text);
        }

        var path = text;
        for (var links = 0; links < MaximumLinks; links++)
        {
            var logical = ToLogical(store, path);
            if (store.Directory.TryParsePrefix(logical, out var found, out _))
            {
                return found;
            }

            if (logical.StartsWith(store.Directory.Path + "/", StringComparison.Ordinal) || FollowFirstLink(path) is not { } next)
            {
                return store.Directory.Parse(links == 0 ? logical : path);
            }

            path = next;
        }

        return store.Directory.Parse(path);
    }

    /// <summary>A path (or pattern) below the real directory of the store as one below the logical directory; any other as it is.</summary>
    public static string ToLogical(StoreLocation store, string path)
        => path.StartsWith(store.RealDirectory + "/", StringComparison.Ordinal)
            ? store.Directory.Path + path[store.RealDirectory.Length..]
            : path;

    /// <summary>The path with its first symbolic link replaced by what that points to; null when there is none, or nothing at all.</summary>
    private static string? FollowFirstLink(string path)
    {
        for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            var prefix = end < 0 ? path : path[..end];
            if (!Posix.TryStatus(prefix, out var status, out _))
            {
                return null;
            }

            if (status.Type == FileType.SymbolicLink)
            {
                var target = ByteName.ToDisplay(Posix.ReadLinkAt(FileDescriptor.WorkingDirectory, ByteName.From(prefix)));
                var parent = prefix[..(prefix.LastIndexOf('/') + 1)];
                return Path.GetFullPath(target, parent) + path[prefix.Length..];
            }

            if (end < 0)
            {
                return null;
            }
        }
    }
}
