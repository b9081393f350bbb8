namespace NixStore;

/// <summary>
/// A path of a store as the pipelines carry it: what the database says, whether it is there, and what is wrong with it.
/// Fields that a damaged row does not give are null and have a problem that quotes them.
/// </summary>
public sealed class StorePathInfo
{
    /// <summary>URL that opens the store this object came from; a pipeline goes back to that store and no other.</summary>
    public required string Store { get; init; }

    /// <summary>Full logical path, <c>/nix/store/&lt;hash&gt;-&lt;name&gt;</c>; of a malformed row, the text as it stands there.</summary>
    public required string Path { get; init; }

    /// <summary>Where the files are on this machine; empty for a malformed row.</summary>
    public required string RealPath { get; init; }

    /// <summary>In which layers of an overlay store the files are; null in any other store, and when they are in none.</summary>
    public StoreLayer? Layer { get; init; }

    /// <summary>The parsed base name; null when the row's path is not a store path.</summary>
    public StorePath? StorePath { get; init; }

    /// <summary>What follows the hash part.</summary>
    public string Name => StorePath?.Name ?? Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The 32 characters that identify the path; null for a malformed one.</summary>
    public string? HashPart => StorePath?.HashPart;

    /// <summary>Registered SHA-256 of the NAR.</summary>
    public NixHash? NarHash { get; init; }

    /// <summary>Registered length of the NAR in bytes.</summary>
    public long? NarSize { get; init; }

    /// <summary>When it was registered.</summary>
    public DateTimeOffset? RegistrationTime { get; init; }

    /// <summary>Full logical path of the .drv it was built from.</summary>
    public string? Deriver { get; init; }

    /// <summary>Full logical paths it refers to, sorted.</summary>
    public IReadOnlyList<string> References { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Signatures that could be parsed.</summary>
    public IReadOnlyList<StoreSignature> Signatures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Content address, if it has one.</summary>
    public ContentAddress? ContentAddress { get; init; }

    /// <summary>Built here or trusted without a signature.</summary>
    public bool Ultimate { get; init; }

    /// <summary>The verdict: the worst state of all problems.</summary>
    public StorePathState State => Problems.Count == 0 ? StorePathState.Valid : Problems.Max(p => p.State);

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<StorePathProblem> Problems { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when Repair-StorePath has work with it; never for a row whose path is none, since there is nothing to repair.</summary>
    public bool Invalid => StorePath is not null && Problems.Any(p => p.IsRepairable);

    /// <summary>True when the contents were read and hashed, not only looked for.</summary>
    public bool ContentsChecked { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
