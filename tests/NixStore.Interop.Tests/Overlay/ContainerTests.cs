using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>
/// What is written for containers, run with the mounts that it says: by tests/interop/container.py, since Docker needs a daemon and Kubernetes
/// a cluster.
/// </summary>
public sealed class ContainerTests
{
    // Adds a file, and builds one, with the mount checked.
    private const string Work = """
        set -eu
        echo new > /tmp/new
        "$1-store" --check-validity "$2"
        "$1-store" --add /tmp/new >&2
        if mount -t tmpfs none /tmp 2>/dev/null; then echo "a container can mount" >&2; exit 1; fi
        "$1-build" --no-out-link --expr 'derivation { name = "built"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo built > $out" ]; }'
        """;

    public static TheoryData<string, OverlayConfigurationFormat, bool> Programs => new()
    {
        { "docker", OverlayConfigurationFormat.Docker, false },
        { "docker", OverlayConfigurationFormat.Docker, true },
        { "podman", OverlayConfigurationFormat.Podman, false },
    };

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public void A_container_uses_the_store_that_the_machine_mounts(string program, OverlayConfigurationFormat format, bool isPhysical)
    {
        using var overlay = new ConfiguredOverlay();
        Prepare(overlay, program);
        overlay.Save("run.sh", ConfiguredOverlay.Write(isPhysical ? overlay.Physical : overlay.Store, format));
        Command.Run("sh", "-n", overlay.Lab.Beside("run.sh"));

        overlay.RequireAdded(overlay.Run("""
            umount $root/nix/store
            export PATH=$dir/bin:$PATH
            sh $dir/run.sh sh -c "$0" sh $nix $known
            """, Work));
    }

    [SkippableFact]
    public void A_container_works_as_another_user()
    {
        using var overlay = new ConfiguredOverlay();
        Prepare(overlay, "docker");
        overlay.Save("run.sh", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Docker, 1234));

        var output = overlay.Run("export PATH=$dir/bin:$PATH; sh $dir/run.sh sh -c \"id -u >&2; $0\" sh $nix $known", Work);

        overlay.RequireAdded(output);
        Assert.Equal("1234", Command.Run("stat", "-c", "%u", $"{overlay.Lab.Upper}/{Path.GetFileName(output.Split('\n')[^1])}"));
    }

    [SkippableTheory]
    [InlineData("local")]
    [InlineData("local?read-only=true")]
    public void A_container_uses_a_store_on_top_of_the_machines_own(string lower)
    {
        // The second story: the machine's store is itself at /nix/store, where the container has the overlay.
        using var overlay = new ConfiguredOverlay();
        Prepare(overlay, "docker");
        var location = StoreLocator.Locate($"local-overlay://?root={overlay.Lab.Root}&lower-store={Uri.EscapeDataString(lower)}&upper-layer={overlay.Lab.Upper}");
        var store = OverlayStoreFactory.Create(location, new OverlayDescription(location.Url, overlay.Lab.Root, overlay.Lab.Work));
        overlay.Save("run.sh", ConfiguredOverlay.Write(store, OverlayConfigurationFormat.Docker));

        overlay.RequireAdded(overlay.Run("""
            umount $root/nix/store
            mount --bind $1/nix /nix
            export PATH=$dir/bin:$PATH
            sh $dir/run.sh sh -c "$0" sh $nix $known
            """, Work, Path.GetDirectoryName(Path.GetDirectoryName(overlay.Lab.Lower.RealDirectory))!));
    }

    [SkippableFact]
    public void A_container_reaches_the_machines_own_store_by_its_daemon()
    {
        using var overlay = new ConfiguredOverlay();
        Prepare(overlay, "docker");
        var location = StoreLocator.Locate($"local-overlay://?root={overlay.Lab.Root}&lower-store=daemon&upper-layer={overlay.Lab.Upper}");
        var store = OverlayStoreFactory.Create(location, new OverlayDescription(location.Url, overlay.Lab.Root, overlay.Lab.Work));
        overlay.Save("run.sh", ConfiguredOverlay.Write(store, OverlayConfigurationFormat.Docker));

        overlay.RequireAdded(overlay.Run("""
            umount $root/nix/store
            mount --bind $1/nix /nix
            "$nix-daemon" >&2 2>/dev/null & daemon=$!
            trap 'kill $daemon' EXIT
            until "$nix-store" --store daemon --check-validity $known 2>/dev/null; do kill -0 $daemon; sleep 0.1; done
            export PATH=$dir/bin:$PATH
            sh $dir/run.sh sh -c "$0" sh $nix $known
            """, Work, Path.GetDirectoryName(Path.GetDirectoryName(overlay.Lab.Lower.RealDirectory))!));
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData(1234)]
    public void An_unprivileged_container_uses_what_the_init_container_mounts(int? userId)
    {
        using var overlay = new ConfiguredOverlay();
        Prepare(overlay, "pod");
        overlay.Save("pod.yaml", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Kubernetes, userId));

        // Twice: the second Pod finds mounted what the first one has left.
        overlay.RequireAdded(overlay.Run("""
            "$dir/bin/pod" node bash -euc '
                umount $root/nix/store
                "$dir/bin/pod" pod $dir/pod.yaml sh -c "$0" sh $nix $known
                "$dir/bin/pod" pod $dir/pod.yaml sh -c "$0" sh $nix $known
                [ "$(grep -c "^overlay $root/nix/store " /proc/self/mounts)" = 1 ]
                cat $root/nix/store/*-built >&2
            ' "$0"
            """, Work));
    }

    [SkippableFact]
    public void Dockers_own_client_takes_the_arguments()
    {
        Skip.IfNot(Command.Exists("docker"), "DOCKER MISSING");
        Skip.If(Command.Try(new Dictionary<string, string>(), "docker", "info").ExitCode == 0, "DOCKER RUNS: this test wants its client alone");
        using var overlay = new ConfiguredOverlay();
        overlay.Save("run.sh", ConfiguredOverlay.Write(overlay.Store, OverlayConfigurationFormat.Docker, 1234));

        var result = Command.Try(new Dictionary<string, string>(), "sh", overlay.Lab.Beside("run.sh"), "true");

        Assert.Contains("Cannot connect to the Docker daemon", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("invalid", result.Error, StringComparison.Ordinal);
    }

    private static void Prepare(ConfiguredOverlay overlay, string program)
    {
        Skip.IfNot(Command.Exists("python3") && Command.Exists("setpriv"), "TOOLS MISSING: containers need python3 and setpriv");
        Directory.CreateDirectory(overlay.Lab.Beside("bin"));
        File.CreateSymbolicLink(overlay.Lab.Beside($"bin/{program}"), $"{SourceTree.Interop}/container.py");
    }
}
