namespace NixStore;

/// <summary>The catalog that a plan was made of.</summary>
public sealed record PrunePlanSource
{
    /// <summary>SHA-256 of the parts of its tables, in base 16: two catalogs with the same one have the same rows.</summary>
    public required string Digest { get; init; }

    /// <summary>When the inventory or listing was made, by its own word: what came later was not looked at. Null when there is none or it does not say.</summary>
    public DateTimeOffset? InventoryTime { get; init; }

    /// <summary>Its narinfos.</summary>
    public long NarInfos { get; init; }

    /// <summary>Its objects; 0 of a catalog without an inventory, whose plans name objects without knowing them.</summary>
    public long Objects { get; init; }

    /// <summary>Narinfos of the inventory that cannot be used by anybody (see its table <c>findings</c>): what they refer to is not kept by them.</summary>
    public long BadNarInfos { get; init; }

    /// <summary>Those of them that could not be had at all: they were listed, and were missing or unreadable when they were asked for.</summary>
    public long UnreadableNarInfos { get; init; }

    /// <summary>Debug information, realisations and build traces whose owner nobody knows, as they were not fetched: they stay.</summary>
    public long UnknownLinks { get; init; }
}
