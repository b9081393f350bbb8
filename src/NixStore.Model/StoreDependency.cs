namespace NixStore;

/// <summary>Why a path depends on another: a shortest chain of references between them.</summary>
public sealed class StoreDependency
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Full logical path that depends.</summary>
    public required string Path { get; init; }

    /// <summary>Full logical path that it depends on.</summary>
    public required string DependsOn { get; init; }

    /// <summary>Full logical paths from the one to the other, both included; each refers to the next.</summary>
    public required IReadOnlyList<string> Chain { get; init => field = Indexable.Of(value); }

    /// <summary>Number of references; 0 when both are the same.</summary>
    public int Length => Chain.Count - 1;

    /// <inheritdoc/>
    public override string ToString() => string.Join(" -> ", Chain);
}
