namespace NixStore;

/// <summary>Something of a binary cache that hangs in the air.</summary>
public sealed class BinaryCacheOrphan
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>In which way.</summary>
    public BinaryCacheOrphanKind Kind { get; init; }

    /// <summary>Its name in the cache.</summary>
    public required string Key { get; init; }

    /// <summary>The 32 characters of the store path's hash; null of a NAR.</summary>
    public string? HashPart { get; init; }

    /// <summary>The full store path; null of a NAR, and of a narinfo that the catalog has not read.</summary>
    public string? Path { get; init; }

    /// <summary>Bytes of the NAR file; null when nobody says.</summary>
    public long? Size { get; init; }

    /// <summary>When it was written; null when nobody says.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>What is missing: the NAR's name, or the hash parts of the paths.</summary>
    public IReadOnlyList<string> Missing { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Key}";
}
