namespace NixStore;

/// <summary>What is to stay in a binary cache, with all that it refers to: a store path, or a rule.</summary>
public sealed class BinaryCacheRoot
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Where it comes from.</summary>
    public BinaryCacheRootKind Kind { get; init; }

    /// <summary>What has brought it: a path, an address, <c>project:jobset</c>, <c>build 1234</c>, a rule such as <c>age&lt;90d</c>, or a name that was given.</summary>
    public required string Origin { get; init; }

    /// <summary>The 32 characters of the store path's hash; null of a rule.</summary>
    public string? HashPart { get; init; }

    /// <summary>The name after the hash; null of a rule.</summary>
    public string? Name { get; init; }

    /// <summary>The store directory of the catalog's paths.</summary>
    public required string StoreDirectory { get; init; }

    /// <summary>The full store path; null of a rule.</summary>
    public string? Path => HashPart is null ? null : $"{StoreDirectory}/{HashPart}-{Name}";

    /// <summary>Of a rule: how old a narinfo may be at most to be a root; null otherwise.</summary>
    public TimeSpan? MaximumAge { get; init; }

    /// <summary>When it was added, or added anew.</summary>
    public DateTimeOffset AddedAt { get; init; }

    /// <summary>When it ceases to be a root; null = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True when that moment has passed.</summary>
    public bool IsExpired { get; init; }

    /// <summary>True when the catalog has its narinfo; null of a rule.</summary>
    public bool? IsInCache { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path ?? Origin;
}
