namespace NixStore;

/// <summary>How a repair ended.</summary>
public enum RepairOutcome
{
    /// <summary>Nothing was wrong (any more).</summary>
    AlreadyValid,
    /// <summary>Files, metadata or the row were mended, and the result was verified.</summary>
    Repaired,
    /// <summary>Nothing could be done; the path is as it was.</summary>
    Failed,
}

/// <summary>What Repair-StorePath did with one path.</summary>
public sealed class StorePathRepair
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>How it ended.</summary>
    public required RepairOutcome Outcome { get; init; }

    /// <summary>Where the good contents or metadata came from: a URL, a path in the store, <c>metadata</c> or <c>row</c>.</summary>
    public string? Source { get; init; }

    /// <summary>Relative paths of the entries that were replaced, added, removed or given their metadata back; empty string = the whole path.</summary>
    public IReadOnlyList<string> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Columns of the database that were mended.</summary>
    public IReadOnlyList<string> Columns { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Bytes of file contents written to the store.</summary>
    public long BytesWritten { get; init; }

    /// <summary>NAR bytes read from sources.</summary>
    public long BytesRead { get; init; }

    /// <summary>What was wrong before.</summary>
    public IReadOnlyList<StorePathProblem> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Other paths that were mended along, because they share the damaged inode.</summary>
    public IReadOnlyList<string> AlsoRepaired { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Outcome}";
}
