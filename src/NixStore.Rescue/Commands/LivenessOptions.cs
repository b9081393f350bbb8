using System.CommandLine;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;

namespace NixStore.Rescue.Commands;

/// <summary>The options that say what a path that is alive keeps alive besides what it refers to.</summary>
internal sealed class LivenessOptions
{
    /// <summary>--keep-derivations</summary>
    public Option<bool?> KeepDerivations { get; } = new("--keep-derivations")
    {
        Description = "A path that is alive keeps the derivation it was built from. Default: nix.conf.",
    };

    /// <summary>--keep-outputs</summary>
    public Option<bool?> KeepOutputs { get; } = new("--keep-outputs") { Description = "A derivation that is alive keeps its outputs. Default: nix.conf." };

    /// <summary>As the command line says, and where it says nothing, nix.conf.</summary>
    /// <exception cref="NixStoreException">InvalidNixConfiguration</exception>
    public LivenessSettings Of(ParseResult parsed)
    {
        var configured = LivenessSettings.From(NixConfiguration.Load());
        return new LivenessSettings(
            parsed.GetValue(KeepDerivations) ?? configured.KeepDerivations, parsed.GetValue(KeepOutputs) ?? configured.KeepOutputs);
    }
}
