namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Lines for nix.conf: Nix opens the overlay store by default.</summary>
internal sealed class NixConfConfiguration : IOverlayConfiguration
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var store = deployment.Store;
        return
        [
            Explanation.Comment(
            [
                Explanation.Layers(store, store.RealDirectory), .. Explanation.Of(store.Store, store.ExperimentalFeatures),
                "NIX_REMOTE and --store go before the store that is named here.",
            ]) + string.Concat(store.NixConf.Select(line => $"{line}\n")),
        ];
    }
}
