namespace NixStore;

/// <summary>One step of the repair of a store or its database.</summary>
public sealed record StoreRepairStep
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Its place in the order of the steps, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What it does.</summary>
    public required StoreRepairStepKind Kind { get; init; }

    /// <summary>Full logical path of the store path, or the file, that it is about; null when it is about none.</summary>
    public string? Path { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Detail { get; init; }

    /// <summary>Where what it writes comes from: a source's URL, "files", "derivation", "log"; null when that says nothing.</summary>
    public string? Source { get; init; }

    /// <summary>How sure what it writes is; null when that says nothing.</summary>
    public StoreCertainty? Certainty { get; init; }

    /// <summary>What has become of it.</summary>
    public StoreRepairStepOutcome Outcome { get; init; }

    /// <summary>Why it failed, and what can be done; null otherwise.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Number}. {Detail}";
}
