namespace NixStore.Engine.Overlay.Mounting;

/// <summary>What somebody wants of a new overlay store. Directories are absolute.</summary>
public sealed record OverlayRequest
{
    /// <summary>The store below: a URL or a directory.</summary>
    public required string LowerStore { get; init; }

    /// <summary>The directory to make it in.</summary>
    public required string Path { get; init; }

    /// <summary>The directory of the upper layer; null for <c>upper</c> in <see cref="Path"/>.</summary>
    public string? UpperLayer { get; init; }

    /// <summary>The kernel's scratch directory; null for <c>work</c> in <see cref="Path"/>.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>A program that is there already and remounts; null for a script that is made, <c>remount.sh</c> in <see cref="Path"/>.</summary>
    public string? RemountHook { get; init; }

    /// <summary>True for a URL without the root: the store is used where <c>nix</c> of <see cref="Path"/> is bind-mounted at /nix.</summary>
    public bool IsPhysical { get; init; }

    /// <summary>False for <c>check-mount=false</c>: Nix takes the mount on trust.</summary>
    public bool ChecksMount { get; init; } = true;
}
