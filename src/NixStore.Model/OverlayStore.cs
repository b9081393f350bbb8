namespace NixStore;

/// <summary>
/// An overlay store (<c>local-overlay</c>): a lower store that many share, and an upper layer of its own on top of it. All that Nix must be
/// told to open it.
/// </summary>
public sealed class OverlayStore
{
    /// <summary>URL that opens it: for <c>-Store</c> here, and for <c>--store</c>, <c>store =</c> and NIX_REMOTE of Nix.</summary>
    public required string Store { get; init; }

    /// <summary>The directory below which it was made, <c>root</c> of the URL; null for one at the physical /nix/store.</summary>
    public string? Root { get; init; }

    /// <summary>
    /// The directory that New-OverlayStore has made it in, with <c>nix</c> in it; null when nobody knows. Of one at the physical /nix/store, what is
    /// to be bind-mounted at /nix is in there.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>The logical store directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the overlay is mounted.</summary>
    public required string RealDirectory { get; init; }

    /// <summary>Where database, roots and locks of the upper layer are.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>URL of the store below.</summary>
    public required string LowerStore { get; init; }

    /// <summary>The real directory of the store below, <c>lowerdir</c> of the mount.</summary>
    public required string LowerDirectory { get; init; }

    /// <summary>What this store has of its own, <c>upperdir</c> of the mount.</summary>
    public required string UpperLayer { get; init; }

    /// <summary>The kernel's scratch directory, <c>workdir</c> of the mount; null when nobody knows.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>The program that Nix runs after it has deleted something; null for none.</summary>
    public string? RemountHook { get; init; }

    /// <summary>Whether Nix checks the mount when it opens the store.</summary>
    public bool ChecksMount { get; init; }

    /// <summary>Whether an overlay is mounted there, in the namespace of this process.</summary>
    public bool IsMounted { get; init; }

    /// <summary>The options of the mount as the kernel tells them; null when it is not mounted.</summary>
    public string? MountOptions { get; init; }

    /// <summary>Features that Nix must have switched on for it.</summary>
    public IReadOnlyList<string> ExperimentalFeatures { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Lines for nix.conf, or for the variable NIX_CONFIG, with which Nix opens it by default.</summary>
    public IReadOnlyList<string> NixConf { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Store;
}
