namespace NixStore;

/// <summary>What a step of applying a plan has done.</summary>
public sealed record BinaryCachePruneResult
{
    /// <summary>Folder of the plan.</summary>
    public required string Plan { get; init; }

    /// <summary>The plan's name, by which its trash is found.</summary>
    public required string PlanId { get; init; }

    /// <summary>Address of the cache.</summary>
    public required string BinaryCache { get; init; }

    /// <summary>What happens to the plan's objects.</summary>
    public BinaryCachePruneMode Mode { get; init; }

    /// <summary>Reconcile, NarInfos, HydraRows, Nars, Expire, Settle, or Wait when nothing was due.</summary>
    public required string Step { get; init; }

    /// <summary>Objects taken; of Reconcile narinfos read, of HydraRows rows deleted, of Settle objects deleted for good.</summary>
    public long ObjectCount { get; init; }

    /// <summary>Their bytes.</summary>
    public long ObjectSize { get; init; }

    /// <summary>Objects brought back because something in the cache needs them by now.</summary>
    public long RestoredCount { get; init; }

    /// <summary>What that is less a month, in the plan's currency; null when the plan knows no prices.</summary>
    public decimal? MonthlyCost { get; init; }

    /// <summary>Objects that were not taken, or came back.</summary>
    public IReadOnlyList<BinaryCachePruneException> Exceptions { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When the next step is due; null when there is none.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>True when the plan is through.</summary>
    public bool IsFinished { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Step}: {ObjectCount} objects, {ByteSize.Format(ObjectSize)}";
}

/// <summary>An object of a plan with which it went otherwise.</summary>
/// <param name="Key">Its name in the cache.</param>
/// <param name="Kind">What went otherwise.</param>
/// <param name="Reason">More of it; null when there is no more.</param>
public sealed record BinaryCachePruneException(string Key, PruneExceptionKind Kind, string? Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Key}";
}

/// <summary>What went otherwise with an object of a plan.</summary>
public enum PruneExceptionKind
{
    /// <summary>Somebody else had deleted it.</summary>
    AlreadyGone,
    /// <summary>It is not the one that the plan has seen; it stays.</summary>
    Changed,
    /// <summary>It was uploaded again, or something that was uploaded needs it; it stays, or came back.</summary>
    Resurrected,
    /// <summary>The server did not take it; the next run tries again.</summary>
    Failed,
    /// <summary>It is needed again, and the trash does not have it.</summary>
    Lost,
    /// <summary>What others have to do with it is not done yet; the next run looks again.</summary>
    Pending,
}
