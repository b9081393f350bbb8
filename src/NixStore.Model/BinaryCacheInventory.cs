namespace NixStore;

/// <summary>What an import of an inventory or a listing has brought.</summary>
public sealed class BinaryCacheInventory
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Address of the cache; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>What was imported.</summary>
    public required string Source { get; init; }

    /// <summary>When it was made, by its own word; null for a listing made just now.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Objects in the catalog now.</summary>
    public long ObjectCount { get; init; }

    /// <summary>Objects that were not there before; null when there was nothing to compare with.</summary>
    public long? AddedCount { get; init; }

    /// <summary>Objects that have other contents than before.</summary>
    public long? ChangedCount { get; init; }

    /// <summary>Objects that are not there any more.</summary>
    public long? RemovedCount { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {ObjectCount} objects";
}
