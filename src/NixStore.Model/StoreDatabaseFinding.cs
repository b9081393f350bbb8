namespace NixStore;

/// <summary>One thing that an examination of a store's database has found.</summary>
public sealed record StoreDatabaseFinding
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>What it is.</summary>
    public required StoreDatabaseFindingKind Kind { get; init; }

    /// <summary>How much it matters.</summary>
    public required StoreFindingSeverity Severity { get; init; }

    /// <summary>The table it is about; null when it is about none.</summary>
    public string? Table { get; init; }

    /// <summary>The row's id (SQLite's rowid) in <see cref="Table"/>; null when it is about more or less than a row.</summary>
    public long? Row { get; init; }

    /// <summary>Full logical path of the store path it is about; null when it is about none.</summary>
    public string? Path { get; init; }

    /// <summary>One sentence for people, with what was found.</summary>
    public required string Detail { get; init; }

    /// <summary>What can be done about it; null when nothing needs to be.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Detail}";
}
