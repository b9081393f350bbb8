using System.Text;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>Finds store paths in what links, processes and files say. Both the logical and the real directory of the store count.</summary>
internal sealed class StorePathText
{
    private readonly StoreDirectory _directory;

    internal StorePathText(StoreLocation store)
    {
        _directory = store.Directory;
        var logical = Encoding.UTF8.GetBytes(store.Directory.Path + "/");
        Prefixes = store.RealDirectory == store.Directory.Path ? [logical] : [logical, Encoding.UTF8.GetBytes(store.RealDirectory + "/")];
    }

    /// <summary>The directories, each with a slash at its end; the logical one first.</summary>
    internal IReadOnlyList<byte[]> Prefixes { get; }

    /// <summary>True when a path lies in the store; it need not be a well-formed store path.</summary>
    internal bool IsInStore(ReadOnlySpan<byte> path) => RestOf(path).Length > 0;

    /// <summary>The full logical path of the store object that a path is or lies in (Nix libstore/store-dir-config.cc:toStorePath).</summary>
    internal string? Parse(ReadOnlySpan<byte> path)
    {
        var rest = RestOf(path);
        var end = rest.IndexOf((byte)'/');
        return ParseName(end < 0 ? rest : rest[..end]);
    }

    /// <summary>The full logical path of a base name; null when it is none.</summary>
    internal string? ParseName(ReadOnlySpan<byte> name)
        => name.Length is > StorePath.HashPartLength and <= StorePath.HashPartLength + 1 + StorePath.MaximumNameLength
            && StorePath.TryParse(Encoding.UTF8.GetString(name), out var path) ? _directory.Print(path) : null;

    private ReadOnlySpan<byte> RestOf(ReadOnlySpan<byte> path)
    {
        foreach (var prefix in Prefixes)
        {
            if (path.StartsWith(prefix))
            {
                return path[prefix.Length..];
            }
        }

        return default;
    }
}
