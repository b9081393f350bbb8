using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>Mount units of systemd: one for the overlay, and before it one for /nix where the store is at its physical place.</summary>
internal sealed class SystemdMountConfiguration : IOverlayConfiguration
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Write(OverlayDeployment deployment)
    {
        var places = MachinePlaces.ForMachine(deployment);
        var store = places.Store;
        IReadOnlyList<string> comment = [Explanation.Layers(store, store.RealDirectory), .. Explanation.Of(store.Store, store.ExperimentalFeatures)];
        var overlay = Unit(store.RealDirectory, comment, $"Overlay store on {store.LowerDirectory}", MountOptions.Needs(places),
            "overlay", "overlay", string.Join(',', MountOptions.Of(places)), places.IsLowerRemote);
        return places.BindsNix
            ? [Unit("/nix", [$"{places.Nix} becomes /nix, where the overlay store has its store and its state."], $"{places.Nix} as /nix",
                [places.Nix!], places.Nix!, "none", "bind", false), overlay]
            : [overlay];
    }

    private static string Unit(string mountPoint, IReadOnlyList<string> comment, string description, IReadOnlyList<string> needs, string what,
        string type, string options, bool isRemote)
    {
        var name = SystemdUnitName.OfMount(mountPoint);
        if (((string[])[mountPoint, what, options]).Any(value => value[^1] is '\\' or ' ' || value.Contains("\\ ", StringComparison.Ordinal)))
        {
            throw Inexpressible.Because($"A name in the mount unit of '{mountPoint}' ends with a backslash or a blank, which systemd would not take as such.", mountPoint);
        }

        UnitSection[] sections =
        [
            new("Unit",
            [
                ("Description", SystemdWord.EscapeSpecifiers(description)),
                ("RequiresMountsFor", string.Join(' ', needs.Select(SystemdWord.Quote))),

                // Local file systems are mounted before anything starts; what needs the network is not.
                .. isRemote ? ((string, string)[])[("Before", "nix-daemon.service")] : [],
            ]),
            new("Mount",
            [
                ("What", SystemdWord.EscapeSpecifiers(what)),
                ("Where", SystemdWord.EscapeSpecifiers(mountPoint)),
                ("Type", type),
                ("Options", SystemdWord.EscapeSpecifiers(isRemote ? $"{options},_netdev" : options)),
            ]),
            new("Install", [("WantedBy", isRemote ? "remote-fs.target" : "local-fs.target")]),
        ];
        return Explanation.Comment([$"/etc/systemd/system/{name}", .. comment, $"Then: systemctl daemon-reload && systemctl enable --now {ShellWord.Quote(name)}"])
            + string.Join('\n', (IEnumerable<UnitSection>)sections);
    }
}
