using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>What an examination of an overlay store looks at.</summary>
public sealed record OverlayExaminationOptions
{
    /// <summary>Read the contents of paths that both layers have, and compare them.</summary>
    public bool CheckContents { get; init; }

    /// <summary>Let a repair move the lower database's log into the database, instead of copying rows that are only there.</summary>
    public bool CheckpointLower { get; init; }

    /// <summary>The settings of Nix; what Nix itself would read in this environment when null.</summary>
    public NixConfiguration? Configuration { get; init; }
}
