namespace NixStore;

/// <summary>One thing that an examination of a binary cache has found.</summary>
public sealed record BinaryCacheFinding
{
    /// <summary>The cache; opens it again.</summary>
    public required string BinaryCache { get; init; }

    /// <summary>What it is.</summary>
    public required BinaryCacheFindingKind Kind { get; init; }

    /// <summary>How much it matters.</summary>
    public required StoreFindingSeverity Severity { get; init; }

    /// <summary>The file in the cache that it is about.</summary>
    public required string File { get; init; }

    /// <summary>Full logical path of the store path that it is about; null when it is about none, or none is known.</summary>
    public string? Path { get; init; }

    /// <summary>Bytes of a file that nothing needs; null of all others.</summary>
    public long? Size { get; init; }

    /// <summary>One sentence for people, with what was found.</summary>
    public required string Detail { get; init; }

    /// <summary>What can be done about it; null when nothing needs to be.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {File}: {Detail}";
}
