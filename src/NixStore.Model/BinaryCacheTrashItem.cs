namespace NixStore;

/// <summary>A path that was pruned from a binary cache and can come back.</summary>
public sealed record BinaryCacheTrashItem
{
    /// <summary>Address of the cache.</summary>
    public required string BinaryCache { get; init; }

    /// <summary>Where the trash is; null = in the cache.</summary>
    public string? TrashUrl { get; init; }

    /// <summary>The plan that has pruned it.</summary>
    public required string PlanId { get; init; }

    /// <summary>The store path.</summary>
    public required string Path { get; init; }

    /// <summary>Its hash part.</summary>
    public required string HashPart { get; init; }

    /// <summary>The name behind the hash part.</summary>
    public required string Name { get; init; }

    /// <summary>When its narinfo went.</summary>
    public DateTimeOffset TrashedTime { get; init; }

    /// <summary>Objects of it in the trash; a NAR that several paths share counts for each.</summary>
    public long ObjectCount { get; init; }

    /// <summary>Their bytes.</summary>
    public long Size { get; init; }

    /// <summary>True when its NAR is in the trash, too; false as long as it is still in the cache.</summary>
    public bool IsNarTrashed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path} ({PlanId})";
}

/// <summary>What a plan has in the trash of a binary cache.</summary>
public sealed record BinaryCacheTrash
{
    /// <summary>Address of the cache.</summary>
    public required string BinaryCache { get; init; }

    /// <summary>Where the trash is; null = in the cache.</summary>
    public string? TrashUrl { get; init; }

    /// <summary>The plan.</summary>
    public required string PlanId { get; init; }

    /// <summary>How it comes back: Copy, Marker (an older version behind a delete marker), Rename, or Tag.</summary>
    public required string Method { get; init; }

    /// <summary>When the plan was first applied.</summary>
    public DateTimeOffset BegunTime { get; init; }

    /// <summary>When the plan was through; null as long as it is not.</summary>
    public DateTimeOffset? SettledTime { get; init; }

    /// <summary>Paths in the trash.</summary>
    public long PathCount { get; init; }

    /// <summary>Objects in the trash.</summary>
    public long ObjectCount { get; init; }

    /// <summary>Their bytes.</summary>
    public long Size { get; init; }

    /// <summary>When the first of them went; null when there are none.</summary>
    public DateTimeOffset? OldestTime { get; init; }

    /// <summary>When the last of them went; null when there are none.</summary>
    public DateTimeOffset? NewestTime { get; init; }

    /// <summary>
    /// When the first of them goes for good: by a rule of the bucket's lifecycle for older versions, as it was when the plan was begun with. Null when
    /// there is none.
    /// </summary>
    public DateTimeOffset? RestorableUntil { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{PlanId}: {PathCount} paths, {ObjectCount} objects, {ByteSize.Format(Size)}";
}

/// <summary>What came of trash that was restored or cleared.</summary>
public sealed record BinaryCacheTrashResult
{
    /// <summary>Address of the cache.</summary>
    public required string BinaryCache { get; init; }

    /// <summary>The plan.</summary>
    public required string PlanId { get; init; }

    /// <summary>Restored or Cleared.</summary>
    public required string Action { get; init; }

    /// <summary>Objects.</summary>
    public long ObjectCount { get; init; }

    /// <summary>Their bytes.</summary>
    public long Size { get; init; }

    /// <summary>Objects that were there already.</summary>
    public long AlreadyThereCount { get; init; }

    /// <summary>Objects that are needed, and that neither the cache nor its trash has any more.</summary>
    public long LostCount { get; init; }

    /// <summary>Their names; a narinfo whose NAR is lost is one of them, and does not come back.</summary>
    public IReadOnlyList<string> Lost { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Rows that came back into Hydra's database.</summary>
    public long HydraRowCount { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {ObjectCount} objects, {ByteSize.Format(Size)}, of {PlanId}";
}
