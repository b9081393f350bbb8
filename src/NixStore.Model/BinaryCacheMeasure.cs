namespace NixStore;

/// <summary>What a binary cache, or a group of what is in it, amounts to. All sizes are bytes.</summary>
public sealed class BinaryCacheMeasure
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Address of the cache; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>What the groups are made by.</summary>
    public BinaryCacheGrouping GroupBy { get; init; }

    /// <summary>The group; empty for what says nothing of it.</summary>
    public required string Group { get; init; }

    /// <summary>Narinfos; null where objects are counted.</summary>
    public long? PathCount { get; init; }

    /// <summary>NARs: one that several narinfos name is counted once, with the narinfo of the least hash.</summary>
    public long? NarCount { get; init; }

    /// <summary>Bytes of these NAR files, compressed, by their narinfos; those that do not say are left out.</summary>
    public long? FileSize { get; init; }

    /// <summary>Bytes of the NARs of all narinfos, not compressed.</summary>
    public long? NarSize { get; init; }

    /// <summary>Objects of the last inventory or listing; null where narinfos are counted.</summary>
    public long? ObjectCount { get; init; }

    /// <summary>Their bytes.</summary>
    public long? ObjectSize { get; init; }

    /// <summary>
    /// Storing the group for a month, in <see cref="Currency"/>; null without a price list. Where objects are counted, of these; where narinfos are counted, of
    /// the NARs as <see cref="NarCount"/> has them. The prices of volume tiers apply to all bytes of a storage class together, and a group has its share of that.
    /// Small objects count as large as their class bills them. Versions that are not the latest are not in it.
    /// </summary>
    public decimal? StorageCostPerMonth { get; init; }

    /// <summary>
    /// Storage that would be billed all the same if the group were deleted now: for each object that is younger than the least number of days of its class, the
    /// days that remain, of months with 30 days. An inventory says when an object was written, not when a rule moved it: then this is too little.
    /// </summary>
    public decimal? EarlyDeletionCost { get; init; }

    /// <summary>
    /// Requests to delete the group: one that lists for each thousand objects, begun or full, and the deletions themselves. Where narinfos are counted, these and
    /// their NARs are the objects.
    /// </summary>
    public decimal? RequestCost { get; init; }

    /// <summary>Reading each narinfo of the group once: a GET for each, and what its class takes for retrieval. Where narinfos are counted, as of the class STANDARD.</summary>
    public decimal? ReadCost { get; init; }

    /// <summary>Currency of the costs, such as <c>USD</c>; null without a price list.</summary>
    public string? Currency { get; init; }

    /// <summary>Of what the costs were computed; null without a price list.</summary>
    public BinaryCacheCostBasis? CostBasis { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Group}: {PathCount ?? ObjectCount} {(PathCount is null ? "objects" : "paths")}, {ByteSize.Format(FileSize ?? ObjectSize)}";
}
