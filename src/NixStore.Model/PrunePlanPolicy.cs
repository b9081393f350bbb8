namespace NixStore;

/// <summary>How the paths of a plan were chosen. All conditions that are given must hold.</summary>
public sealed record PrunePlanPolicy
{
    /// <summary>How many paths and objects were given as candidates; null when all of the catalog were looked at.</summary>
    public long? Candidates { get; init; }

    /// <summary>SHA-256 of them, one a line and in order; null as <see cref="Candidates"/>.</summary>
    public string? CandidatesDigest { get; init; }

    /// <summary>Only what no root leads to.</summary>
    public bool Unreachable { get; init; }

    /// <summary>Wildcards, of which one fits the name after the hash.</summary>
    public IReadOnlyList<string> Names { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Classes, of which it is one.</summary>
    public IReadOnlyList<BinaryCachePruneClass> Classes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Written before this moment.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Nothing younger goes: neither narinfo nor NAR.</summary>
    public required TimeSpan MinimumAge { get; init; }

    /// <summary>The moment at which what was written is too young: <see cref="MinimumAge"/> before the plan was made.</summary>
    public required DateTimeOffset TooYoungSince { get; init; }

    /// <summary>Fixed outputs (sources, mostly), which cannot always be fetched again, go as well.</summary>
    public bool IncludeFixedOutput { get; init; }

    /// <summary>Roots stay, and all that they lead to.</summary>
    public bool KeepRoots { get; init; } = true;

    /// <summary>What a path that stays refers to may go; the table <c>dangling</c> says which paths lose what.</summary>
    public bool AllowDangling { get; init; }

    /// <summary>Narinfos of the inventory that could not be had are no reason against the plan, although nobody knows what they refer to.</summary>
    public bool AllowUnreadable { get; init; }

    /// <summary>Classes that stay whatever else is said.</summary>
    public IReadOnlyList<BinaryCachePruneClass> Protected { get; init => field = Indexable.Of(value); } = [];

    /// <summary>A plan of at least so many bytes needs an approval.</summary>
    public long ApprovalSize { get; init; } = 1L << 40;

    /// <summary>A plan of at least so many paths needs an approval.</summary>
    public long ApprovalPaths { get; init; } = 100_000;
}
