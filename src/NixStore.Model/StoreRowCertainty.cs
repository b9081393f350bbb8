namespace NixStore;

/// <summary>
/// What is known, and what is only assumed, of a row that was made from nothing but the store's files. Whether a path was built here and who
/// signed it cannot be seen from files: without a description from elsewhere both are left empty, never invented.
/// </summary>
public sealed record StoreRowCertainty
{
    /// <summary>Full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The NAR hash. Assumed: it is that of the contents as they are, and whether they are what was registered once, only a source can tell.
    /// </summary>
    public StoreCertainty Hash { get; init; }

    /// <summary>The NAR size.</summary>
    public StoreCertainty Size { get; init; }

    /// <summary>
    /// The references. Certain: what the contents mention of what their builder could see, as Nix itself finds them. Assumed: what they
    /// mention at all, because not all that the builder could see is known.
    /// </summary>
    public StoreCertainty References { get; init; }

    /// <summary>The content address, or that there is none.</summary>
    public StoreCertainty ContentAddress { get; init; }

    /// <summary>The deriver. Assumed: the first of several (see <see cref="Derivers"/>).</summary>
    public StoreCertainty Deriver { get; init; }

    /// <summary>The outputs that table DerivationOutputs has of a derivation; of anything else, that there are none.</summary>
    public StoreCertainty Outputs { get; init; }

    /// <summary>The time of registration. Never more than assumed: it is when the files were last changed in their metadata.</summary>
    public StoreCertainty RegistrationTime { get; init; }

    /// <summary>The signatures.</summary>
    public StoreCertainty Signatures { get; init; }

    /// <summary>Full logical paths of all derivations in the store that name the path as their output.</summary>
    public IReadOnlyList<string> Derivers { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Full logical paths that it refers to, but that are not in the store or got no row: they are not in table Refs.</summary>
    public IReadOnlyList<string> MissingReferences { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is wrong or suspect with the path, as far as it can be seen without a registered hash.</summary>
    public IReadOnlyList<StorePathProblem> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when something of the path should be fetched or looked at: references are missing, or contents are wrong or suspect.</summary>
    public bool IsSuspect => MissingReferences.Count > 0 || Problems.Count > 0;

    /// <inheritdoc/>
    public override string ToString() => Path;
}
