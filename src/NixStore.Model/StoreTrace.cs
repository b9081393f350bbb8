namespace NixStore;

/// <summary>Why a path is alive: one root and the shortest chain by which it keeps the path. Or why the path is dead.</summary>
public sealed class StoreTrace
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Full logical path that was asked about.</summary>
    public required string Path { get; init; }

    /// <summary>True when any root keeps it.</summary>
    public required bool Alive { get; init; }

    /// <summary>Why it is dead; null when it is alive.</summary>
    public StoreTraceReason? Reason { get; init; }

    /// <summary>The root; of a dead path the stale root that would have kept it, if there is one.</summary>
    public StoreRoot? Root { get; init; }

    /// <summary>How many roots keep the path, this one included.</summary>
    public int RootCount { get; init; }

    /// <summary>Full logical paths from the root's path to the path, both included.</summary>
    public IReadOnlyList<string> Chain { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How each path of the chain keeps the next; one less than there are paths.</summary>
    public IReadOnlyList<StoreTraceEdge> Edges { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Number of steps; 0 when the root names the path itself.</summary>
    public int Length => Edges.Count;

    /// <summary>Full logical paths that every chain from every root passes, in the order of the chain, the path itself left out.</summary>
    public IReadOnlyList<string> Dominators { get; init => field = Indexable.Of(value); } = [];

    /// <summary>
    /// Sum of the NAR sizes, in bytes, of all paths of the store that would be dead if this root went: the link it goes by, or the process with
    /// all that it holds. Null for a dead path.
    /// </summary>
    public long? ReclaimableSize { get; init; }

    /// <summary>How many paths these are.</summary>
    public int? ReclaimableCount { get; init; }

    /// <summary>Some of the dead paths that keep this one, at most ten; empty when it is alive.</summary>
    public IReadOnlyList<string> Referrers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many there are.</summary>
    public int ReferrerCount { get; init; }

    /// <summary>What else there is to say: that one's own shell is the root, or what the reason is in words. Null when there is nothing.</summary>
    public string? Note { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
