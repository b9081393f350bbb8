namespace NixStore;

/// <summary>Where a root of a binary cache comes from.</summary>
public enum BinaryCacheRootKind
{
    /// <summary>A store path that somebody has named.</summary>
    StorePath,
    /// <summary>A list of store paths, such as a channel's or release's <c>store-paths.xz</c>.</summary>
    Channel,
    /// <summary>A <c>fallback-paths.nix</c> of Nix.</summary>
    FallbackPaths,
    /// <summary>The latest successful build of each job of a jobset of Hydra, and the jobset's builds that Hydra is told to keep.</summary>
    HydraJobset,
    /// <summary>Builds of Hydra by their number, or all that it is told to keep.</summary>
    HydraBuild,
    /// <summary>A store path that somebody has named until a moment.</summary>
    Pin,
    /// <summary>A rule: every narinfo that is not older than this. It is evaluated when the roots are used.</summary>
    Age,
}
