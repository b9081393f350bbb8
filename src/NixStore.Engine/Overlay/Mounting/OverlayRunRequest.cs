using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>What is to be run in a private mount namespace that has an overlay store.</summary>
public sealed record OverlayRunRequest
{
    /// <summary>The overlay store, in either form.</summary>
    public required StoreLocation Store { get; init; }

    /// <summary>The directory it was made in; null to take it from the URL.</summary>
    public string? Path { get; init; }

    /// <summary>The kernel's scratch directory; null for the one that New-OverlayStore has made.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>True to have the store at /nix.</summary>
    public bool IsPhysical { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }
}
