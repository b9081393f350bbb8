namespace NixStore;

/// <summary>One thing that is wrong with a store, or worth knowing of it.</summary>
public sealed record StoreFinding
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>The part of the store that it is about.</summary>
    public required StoreFindingArea Area { get; init; }

    /// <summary>What it is, one word: of a database a <see cref="StoreDatabaseFindingKind"/>, of a path a <see cref="StoreProblemKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>How much it matters.</summary>
    public required StoreFindingSeverity Severity { get; init; }

    /// <summary>Full logical path of the store path, or the file, that it is about; null when it is about none.</summary>
    public string? Path { get; init; }

    /// <summary>One sentence for people, with what was found.</summary>
    public required string Detail { get; init; }

    /// <summary>What can be done about it; null when nothing needs to be.</summary>
    public string? Remedy { get; init; }

    /// <summary>The finding of an examination of the database, as one of the whole store.</summary>
    public static StoreFinding From(StoreDatabaseFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return new StoreFinding
        {
            Store = finding.Store,
            Area = StoreFindingArea.Database,
            Kind = finding.Kind.ToString(),
            Severity = finding.Severity,
            Path = finding.Path,
            Detail = finding.Detail,
            Remedy = finding.Remedy,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Detail}";
}
