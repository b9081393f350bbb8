namespace NixStore;

/// <summary>What an export of references into Hydra's database has done.</summary>
public sealed class HydraReferenceExport
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>The database without user and password.</summary>
    public required string Database { get; init; }

    /// <summary>Narinfos that were not in it.</summary>
    public long AddedCount { get; init; }

    /// <summary>Narinfos that were different in it.</summary>
    public long ChangedCount { get; init; }

    /// <summary>Narinfos that the cache does not have any more.</summary>
    public long RemovedCount { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Database}: {AddedCount} added, {ChangedCount} changed, {RemovedCount} removed";
}
