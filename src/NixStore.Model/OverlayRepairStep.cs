namespace NixStore;

/// <summary>One step of the repair of an overlay store.</summary>
public sealed record OverlayRepairStep
{
    /// <summary>URL of the overlay store.</summary>
    public required string Store { get; init; }

    /// <summary>Its place in the order of the steps, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>What it does.</summary>
    public required OverlayRepairAction Action { get; init; }

    /// <summary>Full logical path of the store path, or the file or directory, that it changes.</summary>
    public required string Path { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Detail { get; init; }

    /// <summary>The finding that it puts right; of a remount, the first of those that it does.</summary>
    public required OverlayFinding Finding { get; init; }

    /// <summary>What has become of it.</summary>
    public StoreRepairStepOutcome Outcome { get; init; }

    /// <summary>Why it failed, and what can be done; null otherwise.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Order}. {Detail}";
}
