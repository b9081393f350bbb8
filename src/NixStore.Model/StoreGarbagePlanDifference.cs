namespace NixStore;

/// <summary>How two plans differ in one thing.</summary>
public enum StorePlanChange
{
    /// <summary>Only the second plan removes it: it has died since.</summary>
    Died,
    /// <summary>Only the first plan removes it, and it is gone or alive again.</summary>
    Dropped,
    /// <summary>A root that only the first plan knew.</summary>
    RootVanished,
    /// <summary>A root that only the second plan knows.</summary>
    RootAppeared,
    /// <summary>A root that keeps another path in the second plan.</summary>
    RootMoved,
}

/// <summary>One difference between two plans.</summary>
public sealed record StoreGarbagePlanDifference
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>What differs.</summary>
    public required StorePlanChange Change { get; init; }

    /// <summary>Full logical path that is removed, or that the root keeps (for a root that moved: kept by then).</summary>
    public required string Path { get; init; }

    /// <summary>The root's link; null when a path differs.</summary>
    public string? Link { get; init; }

    /// <summary>Bytes of disk space; null for a root.</summary>
    public long? ReclaimableSize { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Change} {Link ?? Path}";
}
