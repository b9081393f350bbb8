using NixStore.Engine.Stores;

namespace NixStore.Engine.Liveness;

/// <summary>Which edges besides references keep paths alive (nix.conf: keep-derivations, keep-outputs).</summary>
/// <param name="KeepDerivations">A path that is alive keeps the derivation it was built from.</param>
/// <param name="KeepOutputs">A derivation that is alive keeps its outputs.</param>
public sealed record LivenessSettings(bool KeepDerivations = true, bool KeepOutputs = false)
{
    /// <summary>What nix.conf says, with Nix's defaults for what it does not.</summary>
    public static LivenessSettings From(NixConfiguration configuration) => new(
        configuration.GetBoolean("keep-derivations", true), configuration.GetBoolean("keep-outputs", false));
}
