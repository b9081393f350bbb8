namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Lines of fstab(5): the overlay, and before it /nix where the store is at its physical place.</summary>
internal sealed class FstabConfiguration : IOverlayConfiguration
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var places = MachinePlaces.ForMachine(deployment);
        var store = places.Store;
        var comment = Explanation.Comment(
        [
            Explanation.Layers(store, store.RealDirectory), .. Explanation.Of(store.Store, store.ExperimentalFeatures),
            "nofail: the machine starts without the store too. x-systemd.requires-mounts-for: the layers' file systems are mounted first.",
        ]);
        var lines = places.BindsNix ? Line(places.Nix!, "/nix", "none", ["bind", "nofail"]) : "";
        return [comment + lines + Line("overlay", store.RealDirectory, "overlay", MountOptions.AtBoot(places))];
    }

    private static string Line(string what, string where, string type, IReadOnlyList<string> options)
        => $"{FstabField.Escape(what)} {FstabField.Escape(where)} {type} {FstabField.Escape(string.Join(',', options))} 0 0\n";
}
