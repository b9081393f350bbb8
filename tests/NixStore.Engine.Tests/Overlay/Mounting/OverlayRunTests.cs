using NixStore.Engine.Overlay.Mounting;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay.Mounting;

public sealed class OverlayRunTests
{
    // The machine may have other overlays.
    private const string Mounts = "grep -F \"upperdir=$0,\" /proc/self/mounts | cut -d' ' -f2; echo $NIX_REMOTE; echo \"$NIX_CONFIG\"; exit 3";

    [SkippableFact]
    public void The_relocated_store_is_mounted_for_the_process_alone()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root));

        var result = Run(new OverlayRunRequest { Store = store, Command = ["sh", "-c", Mounts, store.Overlay!.UpperLayer] });

        Assert.Equal((3, $"{store.RealDirectory}\n{store.Url}\nextra-experimental-features = local-overlay-store\nstore = {store.Url}"), (result.ExitCode, result.Output));
        Assert.False(OverlayMounter.IsMounted(store));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_physical_store_is_at_nix_whether_it_is_mounted_here_or_not(bool isMounted)
    {
        Skip.IfNot(Directory.Exists("/nix"), "NO /nix: there is nothing to mount on");
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root));
        if (isMounted)
        {
            OverlayMounter.Mount(store, null);
        }

        var result = Run(new OverlayRunRequest { Store = store, IsPhysical = true, Command = ["sh", "-c", Mounts, store.Overlay!.UpperLayer] });

        Assert.StartsWith($"{store.RealDirectory}\n/nix/store\nlocal-overlay://?lower-store=", result.Output, StringComparison.Ordinal);
        Assert.Equal(3, result.ExitCode);
    }

    [SkippableFact]
    public void A_store_made_physical_needs_its_directory()
    {
        Skip.IfNot(Directory.Exists("/nix"), "NO /nix: there is nothing to mount on");
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root) with { IsPhysical = true });
        var request = new OverlayRunRequest { Store = store, Command = ["ls", "/nix/store"] };

        Assert.Equal("OverlayRootUnknown", Assert.Throws<NixStoreException>(() => OverlayRun.Prepare(request)).ErrorId);
        Assert.Equal(SmallStore.PathOf("a").BaseName, Run(request with { Path = lab["ov"] }).Output);
    }

    [SkippableFact]
    public void What_the_kernel_refuses_is_explained()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root));
        var run = OverlayRun.Prepare(new OverlayRunRequest { Store = store, Command = ["true"] });
        Assert.Null(run.Diagnose());
        Directory.Delete(store.RealDirectory);

        Assert.Equal(OverlayRun.NotReady, Command.Try(new Dictionary<string, string>(), run.Program, [.. run.Arguments]).ExitCode);

        var error = run.Diagnose();
        Assert.Equal("OverlayRefused", error!.ErrorId);
        Assert.Contains("mount point does not exist", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_the_kernel_refuses_the_overlay_fuse_overlayfs_has_it_until_the_command_ends(bool isPhysical)
    {
        Skip.IfNot(Command.Exists("fuse-overlayfs") && File.Exists("/dev/fuse"), "FUSE-OVERLAYFS MISSING: install it to prove the way without the kernel's overlay");
        Skip.IfNot(Directory.Exists("/nix"), "NO /nix: there is nothing to mount on");
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();

        // An overlay on an overlay, as in a container without a volume.
        var below = lab.Mount(lab.On(lower.Root));
        var request = new OverlayRequest { LowerStore = lower.Root, Path = $"{below.RealDirectory}/inner" };
        Assert.Equal("UpperLayerUnfit", Assert.Throws<NixStoreException>(() => lab.Make(request)).ErrorId);
        var store = lab.Make(request with { ChecksMount = false });
        Assert.Equal("UpperLayerUnfit", Assert.Throws<NixStoreException>(() => OverlayMounter.Mount(store, null)).ErrorId);

        var result = Run(new OverlayRunRequest
        {
            Store = store, IsPhysical = isPhysical, Command = ["sh", "-c", "echo new > $0/new; LC_ALL=C ls $0; echo $NIX_REMOTE; exit 4", isPhysical ? "/nix/store" : store.RealDirectory],
        });

        Assert.Equal((4, ""), (result.ExitCode, result.Error));
        Assert.StartsWith($"new\n{SmallStore.PathOf("a").BaseName}\nlocal-overlay://", result.Output, StringComparison.Ordinal);
        Assert.Contains("check-mount=false", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists($"{store.Overlay!.UpperLayer}/new"));
        Assert.True(SpinWait.SpinUntil(() => !Runs("fuse-overlayfs", store.Overlay.UpperLayer), TimeSpan.FromMinutes(2)), "fuse-overlayfs still runs");
    }

    private static bool Runs(string program, string argument) => Directory.EnumerateDirectories("/proc")
        .Where(path => char.IsDigit(Path.GetFileName(path)[0])).Any(path =>
        {
            try
            {
                var line = File.ReadAllText($"{path}/cmdline");
                return line.StartsWith(program, StringComparison.Ordinal) && line.Contains(argument, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        });

    private static CommandResult Run(OverlayRunRequest request)
    {
        var run = OverlayRun.Prepare(request);
        return Command.Try(new Dictionary<string, string> { ["NIX_CONFIG"] = "" }, run.Program, [.. run.Arguments]);
    }
}
