using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay.Mounting;

public sealed class OverlayMounterTests
{
    [SkippableFact]
    public void It_is_mounted_as_nix_wants_it_and_unmounted_however_often_it_is_mounted()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        Assert.True(OverlayMounter.IsMounted(store));
        Assert.Contains(store.Url, OverlayFinder.Find(_ => { }).Select(found => found.Url));

        OverlayMount.Mount(store, lab["ov/work"]);
        Assert.True(OverlayMounter.Dismount(store, false));

        Assert.False(OverlayMounter.IsMounted(store));
        Assert.False(OverlayMounter.Dismount(store, false));
        Assert.DoesNotContain(store.Url, OverlayFinder.Find(_ => { }).Select(found => found.Url));
    }

    [SkippableFact]
    public void Remounting_shows_what_has_come_into_a_layer()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));

        // So overlayfs remembers that there is no such file.
        Assert.False(File.Exists($"{store.RealDirectory}/x"));
        File.WriteAllText($"{store.Overlay!.UpperLayer}/x", "");
        Assert.False(File.Exists($"{store.RealDirectory}/x"));

        OverlayMounter.Remount(store);

        Assert.True(File.Exists($"{store.RealDirectory}/x"));
    }

    [SkippableFact]
    public void Who_uses_it_is_named()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        using var user = Command.Start("sh", ["-c", $"cd {store.RealDirectory} && echo ready && read end"]);
        user.StandardOutput.ReadLine();

        var error = Assert.Throws<NixStoreException>(() => OverlayMounter.Dismount(store, false));

        Assert.Equal("OverlayBusy", error.ErrorId);
        Assert.Contains($"sh (process {user.Id}) (working directory)", error.Message, StringComparison.Ordinal);
        Assert.True(OverlayMounter.Dismount(store, isLazy: true));
        Assert.False(OverlayMounter.IsMounted(store));
        Command.Finish(user);
    }

    [SkippableFact]
    public void An_open_file_and_a_mount_inside_are_named()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        Directory.CreateDirectory($"{store.RealDirectory}/inside");
        Command.Run("mount", "-t", "tmpfs", "tmpfs", $"{store.RealDirectory}/inside");
        using var user = Command.Start("sh", ["-c", $"exec 3<{store.RealPathOf(SmallStore.PathOf("a"))} && echo ready && read end"]);
        user.StandardOutput.ReadLine();

        var error = Assert.Throws<NixStoreException>(() => OverlayMounter.Dismount(store, false));

        Assert.Contains($"the mount at '{store.RealDirectory}/inside'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"sh (process {user.Id}) (open: {store.RealPathOf(SmallStore.PathOf("a"))})", error.Message, StringComparison.Ordinal);
        Command.Run("umount", $"{store.RealDirectory}/inside");
        Command.Finish(user);
    }

    [SkippableFact]
    public void What_lies_on_top_or_is_somebody_elses_is_left_alone()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        Command.Run("mount", "-t", "tmpfs", "tmpfs", store.RealDirectory);
        Refused("OverlayMountPointOccupied", () => OverlayMounter.IsMounted(store));
        Refused("OverlayCovered", () => OverlayMounter.Dismount(store, false));
        Command.Run("umount", store.RealDirectory);
        OverlayMounter.Dismount(store, false);

        Command.Run("mount", "-t", "overlay", "none", "-o", OverlayMount.OptionsOf(store, lab["ov/work"]), store.RealDirectory);
        Refused("OverlayMountUnmatched", () => OverlayMounter.IsMounted(store));
    }

    [SkippableFact]
    public void Two_mounts_of_one_upper_layer_are_refused()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root));
        using var other = Command.Start("unshare", ["-m", "--propagation", "private", "sh", "-c",
            $"mount -t overlay overlay -o {OverlayMount.OptionsOf(store, lab["ov/work"])} {store.RealDirectory} && echo ready && read end"]);
        Assert.Equal("ready", other.StandardOutput.ReadLine());

        var error = Refused("OverlayMountedElsewhere", () => OverlayMounter.Mount(store, null));

        Assert.Contains($"(process {other.Id})", error.Message, StringComparison.Ordinal);
        Command.Finish(other);
        OverlayMounter.Mount(store, null);
    }

    [SkippableTheory]
    [InlineData("upper", "other")]
    [InlineData("upper", "work")]
    [InlineData("free", "work")]
    [InlineData("work", "other")]
    public void An_upper_layer_or_work_directory_that_another_overlay_here_writes_to_is_refused(string upper, string work)
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        foreach (var made in (string[])["ov/other", "ov/free", "elsewhere", "alias"])
        {
            Directory.CreateDirectory(lab[made]);
        }

        // By another name, which only the inode gives away.
        Command.Run("mount", "--bind", lab["ov"], lab["alias"]);
        var second = store with
        {
            RealDirectory = lab["elsewhere"],
            Overlay = store.Overlay! with { UpperLayer = $"{lab["alias"]}/{upper}", ChecksMount = false },
        };

        var error = Refused("OverlayMountedElsewhere", () => OverlayMounter.Mount(second, $"{lab["alias"]}/{work}"));

        Assert.Contains(store.RealDirectory, error.Message, StringComparison.Ordinal);
        Assert.Null(MountLine.FindAt(lab["elsewhere"]));
        OverlayMounter.Dismount(store, false);
        if (upper != "work")
        {
            // Another test may just have made a mount namespace, with a copy of all mounts that there were.
            Assert.True(SpinWait.SpinUntil(() => LayerMounts.FindWriting(lab["ov/upper"]).Count == 0, TimeSpan.FromMinutes(5)));
            OverlayMounter.Mount(second, $"{lab["alias"]}/{work}");
        }
    }

    [SkippableFact]
    public void An_upper_layer_whose_name_has_to_be_escaped_is_found_in_another_namespace()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root) with { Path = lab["o:v,w\\x"], ChecksMount = false });
        using var other = Command.Start("unshare", ["-m", "--propagation", "private", "sh", "-c",
            "mount -t overlay overlay -o \"$0\" \"$1\" && echo ready && read end", OverlayMount.OptionsOf(store, lab["o:v,w\\x/work"]), store.RealDirectory]);
        other.StandardOutput.ReadLine();

        var error = Refused("OverlayMountedElsewhere", () => OverlayMounter.Mount(store, null));

        Assert.Contains($"(process {other.Id})", error.Message, StringComparison.Ordinal);
        Command.Finish(other);
    }

    [SkippableFact]
    public void What_is_missing_or_in_the_way_is_named()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root));
        var unknown = store with { StateDirectory = lab["nowhere"] };
        Refused("WorkDirectoryUnknown", () => OverlayMounter.Mount(unknown, null));
        File.WriteAllText($"{store.RealDirectory}/written", "");
        Refused("OverlayMountPointNotEmpty", () => OverlayMounter.Mount(store, null));
        File.Delete($"{store.RealDirectory}/written");
        Directory.Delete(lab["ov/work"]);
        Refused("OverlayDirectoryMissing", () => OverlayMounter.Mount(store, null));
        Directory.CreateDirectory(lab["ov/other"]);

        OverlayMounter.Mount(unknown, lab["ov/other"]);
        Assert.Equal(lab["ov/other"], OverlayStoreFactory.Create(store).WorkDirectory);
    }

    [Fact]
    public void Only_overlay_stores_are_located()
    {
        using var store = new SmallStore("a");
        Refused("NotAnOverlayStore", () => OverlayLocator.Locate(store.Root));
    }

    private static NixStoreException Refused(string id, Action work)
    {
        var error = Assert.ThrowsAny<NixStoreException>(work);
        Assert.Equal(id, error.ErrorId);
        return error;
    }

    private static NixStoreException Refused<T>(string id, Func<T> work) => Refused(id, () => { _ = work(); });
}
