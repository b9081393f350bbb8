using System.Diagnostics.CodeAnalysis;

namespace NixStore;

/// <summary>
/// The logical store directory: the prefix that is written into databases, hashes and references (default <c>/nix/store</c>),
/// wherever the files really are.
/// </summary>
public sealed class StoreDirectory : IEquatable<StoreDirectory>
{
    /// <summary><c>/nix/store</c>.</summary>
    public static readonly StoreDirectory Default = new("/nix/store");

    /// <summary>Wraps an absolute path without a trailing slash.</summary>
    /// <exception cref="NixStoreException">InvalidStoreDirectory</exception>
    public StoreDirectory(string path)
    {
        if (path.Length < 2 || path[0] != '/' || path.Contains('\0') || path.Split('/').Skip(1).Any(part => part is "" or "." or ".."))
        {
            throw new NixStoreException("InvalidStoreDirectory", StoreErrorKind.InvalidArgument,
                $"'{path}' is not a canonical absolute store directory.", path, "Give it like /nix/store.");
        }

        Path = path;
    }

    /// <summary>The absolute path, no trailing slash.</summary>
    public string Path { get; }

    /// <summary>The full logical path of a store object.</summary>
    public string Print(StorePath path) => $"{Path}/{path.BaseName}";

    /// <summary>Parses a full logical path that names a store object itself.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public StorePath Parse(string fullPath)
    {
        if (!fullPath.StartsWith(Path + "/", StringComparison.Ordinal))
        {
            throw new NixStoreException("NotInStoreDirectory", StoreErrorKind.InvalidArgument,
                $"'{fullPath}' is not in the store directory {Path}.", fullPath, $"Give a path below {Path}, or the store it belongs to.");
        }

        return StorePath.Parse(fullPath[(Path.Length + 1)..]);
    }

    /// <summary>As <see cref="Parse"/> without raising an error.</summary>
    public bool TryParse([NotNullWhen(true)] string? fullPath, [NotNullWhen(true)] out StorePath? path)
    {
        path = null;
        return fullPath is not null && fullPath.Length > Path.Length + 1 && fullPath[Path.Length] == '/'
            && fullPath.StartsWith(Path, StringComparison.Ordinal) && StorePath.TryParse(fullPath[(Path.Length + 1)..], out path);
    }

    /// <summary>The store object that <paramref name="fullPath"/> lies in (or is), and what follows its name.</summary>
    public bool TryParsePrefix(string fullPath, [NotNullWhen(true)] out StorePath? path, out string rest)
    {
        path = null;
        rest = "";
        if (!fullPath.StartsWith(Path + "/", StringComparison.Ordinal))
        {
            return false;
        }

        var end = fullPath.IndexOf('/', Path.Length + 1);
        var baseName = end < 0 ? fullPath[(Path.Length + 1)..] : fullPath[(Path.Length + 1)..end];
        rest = end < 0 ? "" : fullPath[(end + 1)..];
        return StorePath.TryParse(baseName, out path);
    }

    /// <inheritdoc/>
    public override string ToString() => Path;

    /// <inheritdoc/>
    public bool Equals(StoreDirectory? other) => other is not null && Path == other.Path;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StoreDirectory);

    /// <inheritdoc/>
    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);
}
