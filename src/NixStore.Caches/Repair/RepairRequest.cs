using NixStore.Engine.Repair;

namespace NixStore.Caches.Repair;

/// <summary>What a user asks of a repair. What is not said is taken from nix.conf.</summary>
public sealed record RepairRequest
{
    /// <summary>Addresses of sources; null for the substituters of nix.conf.</summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>Public keys, <c>name:base64</c>; null for those of nix.conf.</summary>
    public IReadOnlyList<string>? TrustedPublicKeys { get; init; }

    /// <summary>See <see cref="RepairOptions.SkipSignatureCheck"/>.</summary>
    public bool SkipSignatureCheck { get; init; }

    /// <summary>See <see cref="RepairOptions.AssumeContents"/>.</summary>
    public bool AssumeContents { get; init; }

    /// <summary>See <see cref="RepairOptions.Rebuild"/>.</summary>
    public bool Rebuild { get; init; }

    /// <summary>See <see cref="RepairOptions.AcceptEmptyStore"/>.</summary>
    public bool AcceptEmptyStore { get; init; }
}
