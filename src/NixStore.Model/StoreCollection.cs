namespace NixStore;

/// <summary>What became of one thing that was to be collected.</summary>
public enum CollectionOutcome
{
    /// <summary>It was deleted.</summary>
    Deleted,
    /// <summary>It was put into the trash.</summary>
    Trashed,
    /// <summary>It stays: a root has come for it, or for what refers to it, or something refers to it since it was planned.</summary>
    InUse,
    /// <summary>It stays: it could not be removed; an error says why.</summary>
    Failed,
    /// <summary>It was gone already.</summary>
    Gone,
}

/// <summary>What a collection did with one thing.</summary>
public sealed record StoreCollectionItem
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>What sort of garbage it was.</summary>
    public required StoreGarbageKind Kind { get; init; }

    /// <summary>What became of it.</summary>
    public required CollectionOutcome Outcome { get; init; }

    /// <summary>Bytes of disk space that came free by this; those of a file with several hard links with the last of them.</summary>
    public long FreedBytes { get; init; }

    /// <summary>Why it stays.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Outcome}";
}

/// <summary>What a collection did in all.</summary>
public sealed record StoreCollection
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>What the collection is called in the journal and in the trash.</summary>
    public required string Id { get; init; }

    /// <summary>Number of things deleted or put into the trash.</summary>
    public long RemovedCount { get; init; }

    /// <summary>Bytes of disk space freed; with the trash, those that emptying it will free.</summary>
    public long FreedBytes { get; init; }

    /// <summary>Number of things that stay because they are in use after all.</summary>
    public long InUseCount { get; init; }

    /// <summary>Number of things that could not be removed.</summary>
    public long FailedCount { get; init; }

    /// <summary>True when everything was put into the trash instead of being deleted.</summary>
    public bool Trashed { get; init; }

    /// <summary>File with a line for everything that was removed.</summary>
    public required string Journal { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{RemovedCount} removed, {ByteSize.Format(FreedBytes)} freed";
}
