using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>A module of a NixOS configuration: mounts as in fstab, and the features.</summary>
internal sealed class NixOSConfiguration : IOverlayConfiguration
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var places = MachinePlaces.ForMachine(deployment);
        var store = places.Store;
        var comment = Explanation.Comment(
        [
            Explanation.Layers(store, store.RealDirectory), .. Explanation.Of(store.Store, store.ExperimentalFeatures),
            "Save it beside configuration.nix, and name it there: imports = [ ./nix-overlay-store.nix ];",
            "Programs open the store by its URL, in NIX_REMOTE or --store. The machine itself stays on its own: nixos-rebuild must not build into an upper layer.",
        ]);
        return
        [
            $$"""
            {{comment}}{ ... }:
            {
            {{(places.BindsNix ? FileSystem("/nix", places.Nix!, "none", ["bind", "nofail"]) : "")
                }}{{FileSystem(store.RealDirectory, "overlay", "overlay", MountOptions.AtBoot(places))
                }}  nix.settings.extra-experimental-features = [{{string.Concat(store.ExperimentalFeatures.Select(name => $" {NixString.Quote(name)}"))}} ];
            }

            """,
        ];
    }

    private static string FileSystem(string mountPoint, string device, string type, IReadOnlyList<string> options)
    {
        // NixOS writes options into fstab with the blanks escaped and nothing else, and makes names of units of the mount point.
        return !mountPoint.Contains('\\') && !device.Contains('\\')
            ? $$"""
              fileSystems.{{NixString.Quote(mountPoint)}} = {
                device = {{NixString.Quote(device)}};
                fsType = {{NixString.Quote(type)}};
                options = [
            {{string.Concat(options.Select(option => $"      {NixString.Quote(FstabField.Escape(option))}\n"))}}    ];
              };


            """
            : throw Inexpressible.Because($"The name '{mountPoint}' has a backslash in it, which NixOS does not escape in fstab.", mountPoint);
    }
}
