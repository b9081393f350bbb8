namespace NixStore.Catalog.Pruning.Objects;

/// <summary>An object that a plan takes, as the plan has seen it.</summary>
internal sealed record PlannedObject
{
    /// <summary>Its name in the cache.</summary>
    public required string Key { get; init; }

    /// <summary>What it is: NarInfo, Nar, Listing, Log, …</summary>
    public required string Kind { get; init; }

    /// <summary>Hash part of the path that it belongs to; null when the plan does not say.</summary>
    public string? Hash { get; init; }

    /// <summary>Of a narinfo: the name behind the hash.</summary>
    public string? Name { get; init; }

    /// <summary>Of a narinfo: where its NAR is.</summary>
    public string? Url { get; init; }

    /// <summary>Bytes; null when the plan does not know, like the others below.</summary>
    public long? Size { get; init; }

    /// <summary>Tag of its contents.</summary>
    public string? ETag { get; init; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>The bucket's storage class.</summary>
    public string? StorageClass { get; init; }
}
