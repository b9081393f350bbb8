namespace NixStore;

/// <summary>One thing that must be true of a plan, and whether it is.</summary>
public sealed class BinaryCachePrunePlanCheck
{
    /// <summary>Folder of the plan; binds to -Plan of the other cmdlets.</summary>
    public required string Plan { get; init; }

    /// <summary>Folder of the catalog that it was held against.</summary>
    public required string Catalog { get; init; }

    /// <summary>What the plan is called.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the check.</summary>
    public required string Check { get; init; }

    /// <summary>What must be true.</summary>
    public required string Statement { get; init; }

    /// <summary>How often it is not.</summary>
    public long Violations { get; init; }

    /// <summary>The first of these: keys, hashes or names.</summary>
    public IReadOnlyList<string> Examples { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when there is none.</summary>
    public bool IsPassed => Violations == 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Check}: {(IsPassed ? "passed" : $"{Violations} violations")}";
}
