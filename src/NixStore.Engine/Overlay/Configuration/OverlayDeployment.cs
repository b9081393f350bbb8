namespace NixStore.Engine.Overlay.Configuration;

/// <summary>An overlay store and what its configuration is to be made with.</summary>
public sealed record OverlayDeployment
{
    /// <summary>The image of a container that names none: it has a shell and mount(8).</summary>
    public const string DefaultImage = "docker.io/library/alpine:3";

    /// <summary>The store.</summary>
    public required OverlayStore Store { get; init; }

    /// <summary>
    /// The directory below which a store at the physical /nix/store was made, whose <c>nix</c> becomes /nix; null for what the store knows, or the
    /// parent of its upper layer.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>The image of the container that uses the store.</summary>
    public string Image { get; init; } = DefaultImage;

    /// <summary>The user who uses the store in a container, and owns the upper layer; null for the image's.</summary>
    public int? UserId { get; init; }
}
