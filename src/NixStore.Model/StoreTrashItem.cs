namespace NixStore;

/// <summary>Where something is that was put into the trash.</summary>
public enum StoreTrashState
{
    /// <summary>In the trash.</summary>
    Trashed,
    /// <summary>In the store still, but not registered any more: the collection was interrupted. It can be restored like the rest.</summary>
    LeftInStore,
    /// <summary>Nowhere: something else has removed it.</summary>
    Lost,
}

/// <summary>Something in the trash of a store.</summary>
public sealed record StoreTrashItem
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>The collection that put it there.</summary>
    public required string Id { get; init; }

    /// <summary>Full logical path that it had.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is on this machine.</summary>
    public required string RealPath { get; init; }

    /// <summary>What sort of garbage it was.</summary>
    public required StoreGarbageKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public required StoreTrashState State { get; init; }

    /// <summary>When it was put there.</summary>
    public required DateTimeOffset TrashedTime { get; init; }

    /// <summary>Who put it there.</summary>
    public string? User { get; init; }

    /// <summary>Bytes of disk space it takes, those of files that have other links as well included.</summary>
    public long Size { get; init; }

    /// <summary>Registered length of the NAR in bytes; null when it was not registered.</summary>
    public long? NarSize { get; init; }

    /// <summary>The name without hash part.</summary>
    public string Name => StorePath.TryParse(Path[(Path.LastIndexOf('/') + 1)..], out var path) ? path.Name : Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Full logical paths it refers to.</summary>
    public IReadOnlyList<string> References { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Path} ({Id})";
}

/// <summary>What became of something in the trash.</summary>
public enum TrashOutcome
{
    /// <summary>It is back in the store, verified and registered as before.</summary>
    Restored,
    /// <summary>The store has the path already; the trash keeps its copy.</summary>
    AlreadyValid,
    /// <summary>It was deleted for ever.</summary>
    Cleared,
    /// <summary>It is as it was; an error says why.</summary>
    Failed,
}

/// <summary>What Restore-StoreTrash or Clear-StoreTrash did with one thing.</summary>
public sealed record StoreTrashResult
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>The collection that had put it there.</summary>
    public required string Id { get; init; }

    /// <summary>Full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>What became of it.</summary>
    public required TrashOutcome Outcome { get; init; }

    /// <summary>Bytes of disk space that came free.</summary>
    public long FreedBytes { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Outcome}";
}
