namespace NixStore;

/// <summary>One thing that is wrong with an overlay store, or worth knowing of it.</summary>
public sealed record OverlayFinding
{
    /// <summary>URL of the overlay store.</summary>
    public required string Store { get; init; }

    /// <summary>What it is.</summary>
    public required OverlayFindingKind Kind { get; init; }

    /// <summary>How much it matters.</summary>
    public required StoreFindingSeverity Severity { get; init; }

    /// <summary>Full logical path of the store path, or the file or directory, that it is about; null when it is about none.</summary>
    public string? Path { get; init; }

    /// <summary>The layers that it is about; null when it is about the store as a whole.</summary>
    public StoreLayer? Layer { get; init; }

    /// <summary>One sentence for people, with what was found.</summary>
    public required string Detail { get; init; }

    /// <summary>How it comes about, and what follows from it.</summary>
    public required string Cause { get; init; }

    /// <summary>What can be done about it; null when nothing needs to be.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Detail}";
}
