using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Variables for a POSIX shell to source: Nix opens the overlay store in whatever runs below it.</summary>
internal sealed class EnvironmentConfiguration : IOverlayConfiguration
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var store = deployment.Store;
        return
        [
            $$"""
            {{Explanation.Comment(
                [
                    Explanation.Layers(store, store.RealDirectory), .. Explanation.Of(store.Store, store.ExperimentalFeatures),
                    "For a shell: . ./FILE",
                ])}}export NIX_REMOTE={{ShellWord.Quote(store.Store)}}
            export NIX_CONFIG="${NIX_CONFIG-}"'
            {{FeatureLine(store.ExperimentalFeatures)}}'

            """,
        ];
    }

    /// <summary>A line of nix.conf that adds features to those that are on.</summary>
    internal static string FeatureLine(IEnumerable<string> features) => $"extra-experimental-features = {string.Join(' ', features)}";
}
