using System.Text.Json;
using NixStore.Engine.Overlay.Configuration;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>Configurations of overlay stores, used by those for whom they are written.</summary>
public sealed class ConfigurationUseTests
{
    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void Nix_opens_the_store_that_nix_conf_names(string version)
    {
        using var overlay = new ConfiguredOverlay(version);
        overlay.Save("nix.conf", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.NixConf));

        overlay.RequireAdded(overlay.Run("export NIX_CONF_DIR=$dir; use"));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void Nix_opens_a_store_at_its_physical_place_by_nix_conf(string version)
    {
        using var overlay = new ConfiguredOverlay(version);
        overlay.Save("nix.conf", ConfiguredOverlay.Write(overlay.Physical, OverlayConfigurationFormat.NixConf));

        overlay.RequireAdded(overlay.Run("mount --rbind $root/nix /nix; export NIX_CONF_DIR=$dir; use"));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void A_shell_that_sources_the_environment_has_the_store_and_keeps_its_settings(string version)
    {
        using var overlay = new ConfiguredOverlay(version);
        overlay.Save("environment", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Environment));

        var output = overlay.Run("""
            NIX_CONFIG='extra-experimental-features = nix-command'
            sh -euc '. "$dir/environment"; . "$dir/environment"; "$nix" path-info "$known" >&2; "$nix-store" --add "$dir/new"'
            sh -euc '. "$dir/environment"; env' | grep -c "^NIX_REMOTE=local-overlay://" >&2
            use() { . "$dir/environment"; "$nix-store" --add "$dir/new"; }; use
            """);

        overlay.RequireAdded(output);
    }

    [SkippableFact]
    public void Nix_reaches_a_physical_store_by_the_environment()
    {
        using var overlay = new ConfiguredOverlay();
        overlay.Save("environment", ConfiguredOverlay.Write(overlay.Physical, OverlayConfigurationFormat.Environment));

        overlay.RequireAdded(overlay.Run("mount --rbind $root/nix /nix; . $dir/environment; use"));
    }

    [SkippableFact]
    public void Mount_reads_fstab()
    {
        using var overlay = new ConfiguredOverlay();
        overlay.Save("fstab", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Fstab));
        overlay.Save("environment", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Environment));

        overlay.RequireAdded(overlay.Run("""
            findmnt --verify --tab-file $dir/fstab >&2
            umount $root/nix/store
            mount -T $dir/fstab $root/nix/store
            . $dir/environment; use
            """));
    }

    [SkippableFact]
    public void Mount_reads_fstab_of_a_physical_store()
    {
        using var overlay = new ConfiguredOverlay();
        overlay.Save("fstab", ConfiguredOverlay.Write(overlay.Physical, OverlayConfigurationFormat.Fstab));
        overlay.Save("environment", ConfiguredOverlay.Write(overlay.Physical, OverlayConfigurationFormat.Environment));

        overlay.RequireAdded(overlay.Run("""
            umount $root/nix/store
            mount -T $dir/fstab --all
            findmnt --verify --tab-file $dir/fstab >&2
            . $dir/environment; use
            """));
    }

    [SkippableFact]
    public void Systemd_takes_the_mount_unit_and_what_it_mounts_is_the_store()
    {
        using var overlay = new ConfiguredOverlay();
        var unit = ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.SystemdMount);
        overlay.Save("environment", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Environment));
        UnitFiles.Verify(unit, overlay.Lab.Beside("unit"));

        overlay.RequireAdded(overlay.Run($"umount $root/nix/store; {UnitFiles.MountOf(unit)}; . $dir/environment; use"));
    }

    [SkippableFact]
    public void Systemd_takes_both_units_of_a_physical_store()
    {
        using var overlay = new ConfiguredOverlay();
        var units = OverlayConfigurations.Write(new OverlayDeployment { Store = overlay.Physical }, OverlayConfigurationFormat.SystemdMount);
        overlay.Save("environment", ConfiguredOverlay.Write(overlay.Physical, OverlayConfigurationFormat.Environment));
        foreach (var unit in units)
        {
            UnitFiles.Verify(unit, overlay.Lab.Beside("unit"));
        }

        overlay.RequireAdded(overlay.Run($"umount $root/nix/store; {string.Join("; ", units.Select(UnitFiles.MountOf))}; . $dir/environment; use"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nix_evaluates_the_module_and_what_NixOS_makes_of_it_is_the_store(bool isPhysical)
    {
        using var overlay = new ConfiguredOverlay();
        var store = isPhysical ? overlay.Physical : overlay.Store;
        var module = overlay.Save("module.nix", ConfiguredOverlay.Write(store, OverlayConfigurationFormat.NixOS));
        overlay.Save("environment", ConfiguredOverlay.Write(store, OverlayConfigurationFormat.Environment));
        Command.Run(overlay.Nix("instantiate"), "--parse", module);
        using var evaluated = JsonDocument.Parse(Command.Run(overlay.Nix("instantiate"), "--eval", "--strict", "--json", "--expr", $"import {module} {{ }}"));

        // As nixos/modules/tasks/filesystems.nix does.
        overlay.Save("fstab", string.Join('\n', evaluated.RootElement.GetProperty("fileSystems").EnumerateObject().Select(system
            => $"{Escape(system.Value.GetProperty("device").GetString()!)} {Escape(system.Name)} {system.Value.GetProperty("fsType")} "
                + $"{Escape(string.Join(',', system.Value.GetProperty("options").EnumerateArray().Select(option => option.GetString())))} 0 0")));

        Assert.Equal(store.ExperimentalFeatures, evaluated.RootElement.GetProperty("nix").GetProperty("settings").GetProperty("extra-experimental-features")
            .EnumerateArray().Select(feature => feature.GetString()));
        overlay.RequireAdded(overlay.Run("umount $root/nix/store; mount -T $dir/fstab --all; . $dir/environment; use"));

        static string Escape(string text) => text.Replace(" ", "\\040", StringComparison.Ordinal).Replace("\t", "\\011", StringComparison.Ordinal);
    }
}
