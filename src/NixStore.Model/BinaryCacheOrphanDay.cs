namespace NixStore;

/// <summary>How many of the objects that came into a binary cache on a day hang in the air.</summary>
public sealed class BinaryCacheOrphanDay
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>In which way.</summary>
    public BinaryCacheOrphanKind Kind { get; init; }

    /// <summary>The day in UTC; null for those of which nobody knows when they came.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Objects that came on it: narinfos, or NARs for <see cref="BinaryCacheOrphanKind.NarWithoutNarInfo"/>.</summary>
    public long Count { get; init; }

    /// <summary>Those of them that hang in the air.</summary>
    public long OrphanCount { get; init; }

    /// <summary>Their share in percent.</summary>
    public double OrphanPercent => Count == 0 ? 0 : 100.0 * OrphanCount / Count;

    /// <inheritdoc/>
    public override string ToString() => $"{Day:yyyy-MM-dd}: {OrphanCount} of {Count}";
}
