namespace NixStore;

/// <summary>Paths of a binary cache that are of one sort by their names: images of a kind, what is cheap to build again, what must stay.</summary>
public sealed record BinaryCachePruneClass
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Wildcards (<c>*</c>, <c>?</c>, <c>[a-c]</c>) for the whole name after the hash, of which one has to fit; upper and lower case differ.</summary>
    public required IReadOnlyList<string> Patterns { get; init => field = Indexable.Of(value); }

    /// <summary>What is in it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Paths of it that are younger stay when the class is what they were chosen by; null = only -MinimumAge counts.</summary>
    public TimeSpan? MinimumAge { get; init; }

    /// <summary>True when its paths stay in any plan.</summary>
    public bool IsProtected { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
