using System.Net.Sockets;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>Overlay stores from nothing to a build, by the two versions of real Nix that have them, which check the mount.</summary>
public sealed class OverlaySetupTests
{
    private const string Expression = """
        derivation {
          name = "made-in-overlay"; system = builtins.currentSystem; builder = "/bin/sh"; below = builtins.storePath PATH;
          args = [ "-c" "echo $below > $out" ];
        }
        """;

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_relocated_store_takes_a_file_and_a_build(string version)
    {
        RealNix.Require(version);
        using var lower = LabStore.Signed();
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root + "/"));
        Assert.True(store.Overlay!.ChecksMount);
        var before = Snapshot(lower.Root);

        AddsAndBuilds(lab, store, lower, (program, arguments) => Run(version, program, store, arguments));

        Assert.Equal(before, Snapshot(lower.Root));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_physical_store_takes_a_file_and_a_build(string version)
    {
        RealNix.Require(version);
        using var lower = LabStore.Signed();
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root) with { IsPhysical = true });

        AddsAndBuilds(lab, OverlayForm.Relocated(store, lab["ov"]), lower, (program, arguments) =>
        {
            var run = OverlayRun.Prepare(new OverlayRunRequest
            {
                Store = store, Path = lab["ov"], Command = [PhysicalNix.Program($"{version}-{program}"), .. arguments],
            });
            return Command.Run(PhysicalNix.Environment(lab["home"]), run.Program, [.. run.Arguments]);
        });
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_lower_store_may_be_on_a_read_only_mount(string version)
    {
        RealNix.Require(version);
        using var lower = LabStore.Signed();
        using var lab = new MadeOverlay();
        MountNamespace.Run(space =>
        {
            space.MakeReadOnly(lower.Root);
            var store = lab.Mount(lab.On(lower.Root));
            AddsAndBuilds(lab, store, lower, (program, arguments) => Run(version, program, store, arguments));
        });
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_lower_store_may_be_behind_a_daemons_socket(string version)
    {
        RealNix.Require(version);
        using var lower = LabStore.Signed();
        using var lab = new MadeOverlay();
        Directory.CreateDirectory(lab["home"]);
        using var daemon = Command.Start(PhysicalNix.Program($"{version}-daemon"), ["--store", lower.Location.Url],
            new Dictionary<string, string>(PhysicalNix.Environment(lab.Path)) { ["NIX_DAEMON_SOCKET_PATH"] = lab["socket"] });
        try
        {
            Assert.True(SpinWait.SpinUntil(() => daemon.HasExited || Listens(lab["socket"]), TimeSpan.FromMinutes(5)) && !daemon.HasExited);
            var store = lab.Mount(lab.On($"unix://{lab["socket"]}?root={lower.Root}"));
            Assert.Equal(["local-overlay-store"], OverlayStoreFactory.Create(store).ExperimentalFeatures);
            AddsAndBuilds(lab, store, lower, (program, arguments) => Run(version, program, store, arguments));
        }
        finally
        {
            daemon.Kill(entireProcessTree: true);
            Command.Finish(daemon);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_hook_remounts_when_nix_deletes_what_both_layers_have(string version)
    {
        RealNix.Require(version);
        using var lower = LabStore.Signed();
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        var path = lower.PathOf("app-2.0");
        var name = Path.GetFileName(path);
        Run(version, "store", store, "--check-validity", path);
        Command.Run("cp", "-a", $"{lower.Location.RealDirectory}/{name}", $"{store.Overlay!.UpperLayer}/{name}");
        OverlayMounter.Remount(store);

        var result = Try(version, "store", store, "--delete", "--ignore-liveness", path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.DoesNotContain("needs remounting", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"{store.Overlay.UpperLayer}/{name}"));
        Assert.NotEmpty(Directory.EnumerateFileSystemEntries($"{store.RealDirectory}/{name}"));
    }

    [SkippableFact]
    public void Names_that_nix_cannot_match_work_on_trust()
    {
        RealNix.Require();
        using var lower = LabStore.Signed();
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root) with { Path = lab["a b+c,d:e"], ChecksMount = false });
        File.WriteAllText(lab["new"], "new");

        var added = Run(RealNix.Newest, "store", store, "--add", lab["new"]);

        Assert.True(File.Exists($"{store.Overlay!.UpperLayer}/{Path.GetFileName(added)}"));
        var checkedStore = StoreLocator.Locate(store.Url.Replace("&check-mount=false", "", StringComparison.Ordinal));
        var result = Try(RealNix.Newest, "store", checkedStore, "--check-validity", added);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("mounted incorrectly", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Adds a file, builds on something of the lower store, and has Nix verify all that it has.</summary>
    private static void AddsAndBuilds(MadeOverlay lab, StoreLocation store, LabStore lower, Func<string, string[], string> nix)
    {
        Directory.CreateDirectory(lab["home"]);
        File.WriteAllText(lab["new"], "new in the overlay");
        File.WriteAllText(lab["default.nix"], Expression.Replace("PATH", lower.PathOf("app-2.0"), StringComparison.Ordinal));

        var added = nix("store", ["--add", lab["new"]]);
        var built = nix("build", [lab["default.nix"], "--no-out-link"]);
        nix("store", ["--verify", "--check-contents"]);

        Assert.Equal([lower.PathOf("app-2.0")], nix("store", ["-q", "--references", built]).Split('\n'));
        Assert.Equal(new[] { added, built }.Select(path => true), new[] { added, built }.Select(path => File.Exists($"{store.Overlay!.UpperLayer}/{Path.GetFileName(path)}")));
    }

    private static string Run(string version, string program, StoreLocation store, params string[] arguments)
    {
        var result = Try(version, program, store, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.ExitCode}\n{result.Error}");
        return result.Output;
    }

    /// <summary>There is a socket before anybody listens on it.</summary>
    private static bool Listens(string path)
    {
        Thread.Sleep(10);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Outside of its root a store's builds are possible only in Nix's sandbox.</summary>
    private static CommandResult Try(string version, string program, StoreLocation store, params string[] arguments)
    {
        string[] sandbox = program == "build"
            ? ["--option", "sandbox", "true", "--option", "sandbox-paths", "/bin/sh=/usr/bin/bash-static /usr=/usr /lib=/lib /lib64=/lib64"] : [];
        var told = OverlayStoreFactory.Create(store);
        var environment = new Dictionary<string, string>(PhysicalNix.Environment(Path.GetDirectoryName(told.Path!)!)) { ["NIX_CONFIG"] = told.NixConf[0], ["NIX_REMOTE"] = told.Store };
        return Command.Try(environment, PhysicalNix.Program($"{version}-{program}"), [.. arguments, .. sandbox]);
    }

    private static string Snapshot(string root) => Command.Run("sh", "-c", "cd \"$0\"/nix/store && find . -printf '%P %y %m %s %T@ %l\n' | sort | sha256sum", root);
}
