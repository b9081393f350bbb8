using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>A way to take objects out of a cache so that they can come back. Safe for several threads.</summary>
internal interface IRemoval
{
    /// <summary>Which way.</summary>
    TrashMethod Method { get; }

    /// <summary>Takes objects that are still those of the plan.</summary>
    /// <param name="objects">In the order of their keys; at most 1000.</param>
    /// <param name="isAgain">They were begun with before, and nobody knows how far that went.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>What came of each.</returns>
    /// <exception cref="NixStoreException">What concerns all of them.</exception>
    Task<IReadOnlyList<TakeOutcome>> Take(IReadOnlyList<WaveObject> objects, bool isAgain, CancellationToken cancellation);

    /// <summary>Of objects that were taken: those that are still in the way, or could not be brought back.</summary>
    Task<IReadOnlyList<string>> FindFaults(IReadOnlyList<TrashRecord> records, CancellationToken cancellation);

    /// <summary>Brings an object back, unless there is one by its name.</summary>
    Task<PutBackKind> PutBack(TrashRecord record, CancellationToken cancellation);

    /// <summary>Deletes for good what was taken, or what is left of it when it was brought back.</summary>
    Task Clear(IReadOnlyList<TrashRecord> records, CancellationToken cancellation);

    /// <summary>Reads a small object that was taken; null when it is not to be had any more.</summary>
    Task<byte[]?> Read(TrashRecord record, int limit, CancellationToken cancellation);
}

/// <summary>An object of a wave, and the path when it is a narinfo.</summary>
/// <param name="Planned">As the plan has seen it.</param>
/// <param name="Path">What the plan knows of its path.</param>
internal sealed record WaveObject(PlannedObject Planned, PlannedNarInfo? Path);

/// <summary>What came of an object of a plan.</summary>
internal enum TakeKind
{
    /// <summary>It is in the trash.</summary>
    Taken,
    /// <summary>Somebody else has deleted it before.</summary>
    Gone,
    /// <summary>It is not the one that the plan has seen, so it stays.</summary>
    Changed,
    /// <summary>The server did not do it.</summary>
    Failed,
}

/// <summary>What came of an object of a plan.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kind">What.</param>
/// <param name="Record">What brings it back, when it was taken.</param>
/// <param name="Reason">Why it failed.</param>
internal sealed record TakeOutcome(string Key, TakeKind Kind, TrashRecord? Record = null, string? Reason = null);

/// <summary>What came of an object that was to be brought back.</summary>
internal enum PutBackKind
{
    /// <summary>It is back.</summary>
    Restored,
    /// <summary>There is one by its name.</summary>
    AlreadyThere,
    /// <summary>The trash does not have it any more.</summary>
    Lost,
}
