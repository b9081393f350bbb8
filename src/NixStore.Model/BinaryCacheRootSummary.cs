namespace NixStore;

/// <summary>The roots of a binary cache that one origin has brought.</summary>
public sealed class BinaryCacheRootSummary
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Where they come from.</summary>
    public BinaryCacheRootKind Kind { get; init; }

    /// <summary>What has brought them.</summary>
    public required string Origin { get; init; }

    /// <summary>Roots; of a rule, the narinfos that it makes roots now.</summary>
    public long Count { get; init; }

    /// <summary>Of these, those whose narinfo the catalog has.</summary>
    public long InCacheCount { get; init; }

    /// <summary>Of these, those that have expired.</summary>
    public long ExpiredCount { get; init; }

    /// <summary>When the origin was added, or added anew.</summary>
    public DateTimeOffset AddedAt { get; init; }

    /// <summary>When the first of them expires; null = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Origin}: {Count} roots";
}
