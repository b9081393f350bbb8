namespace NixStore;

/// <summary>A path in which two plans differ, or of which a newer catalog says something else than a plan.</summary>
public sealed class BinaryCachePrunePlanDifference
{
    /// <summary>Folder of the plan; of two, that of the later one.</summary>
    public required string Plan { get; init; }

    /// <summary>What has happened.</summary>
    public PrunePlanDifferenceKind Kind { get; init; }

    /// <summary>The full store path.</summary>
    public required string Path { get; init; }

    /// <summary>The 32 characters of the hash.</summary>
    public required string HashPart { get; init; }

    /// <summary>The class that it is of; null of none.</summary>
    public string? Class { get; init; }

    /// <summary>Bytes of the NAR file; null when the narinfo does not say.</summary>
    public long? FileSize { get; init; }

    /// <summary>The path that refers to it or uses its NAR, where that is what has happened.</summary>
    public string? By { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Path}";
}

/// <summary>How a path differs.</summary>
public enum PrunePlanDifferenceKind
{
    /// <summary>It is in the later plan only.</summary>
    Added,
    /// <summary>It is in the earlier plan only.</summary>
    Removed,
    /// <summary>The catalog does not have it any more.</summary>
    Gone,
    /// <summary>Its narinfo is another one: it was uploaded again.</summary>
    Changed,
    /// <summary>A path that stays refers to it.</summary>
    Referenced,
    /// <summary>A path that stays uses its NAR.</summary>
    NarShared,
    /// <summary>It is a root by now, or a root leads to it.</summary>
    Rooted,
}
