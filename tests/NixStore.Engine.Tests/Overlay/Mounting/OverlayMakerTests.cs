using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay.Mounting;

public sealed class OverlayMakerTests
{
    [SkippableFact]
    public void Everything_is_there_with_the_right_modes()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        File.SetUnixFileMode(lower.Location.RealDirectory, (UnixFileMode)0x3fd);

        var store = lab.Make(lab.On(lower.Root));

        Assert.Equal($"local-overlay://?root={lab["ov"]}&lower-store=local%3Froot%3D{lower.Root}&upper-layer={lab["ov/upper"]}&remount-hook={lab["ov/remount.sh"]}", store.Url);
        Assert.Equal((UnixFileMode)0x3fd, File.GetUnixFileMode(lab["ov/upper"]));
        Assert.Equal((UnixFileMode)0x1c0, File.GetUnixFileMode(lab["ov/work"]));
        Assert.Equal((UnixFileMode)0x1ed, File.GetUnixFileMode(lab["ov/remount.sh"]));
        Assert.True(File.Exists(store.DatabasePath));
        Assert.Empty(Directory.EnumerateFileSystemEntries(store.RealDirectory));
        Assert.False(OverlayMounter.IsMounted(store));
        var told = OverlayStoreFactory.Create(store);
        Assert.Equal((lab["ov"], lab["ov"], lab["ov/work"], false), (told.Root, told.Path, told.WorkDirectory, told.IsMounted));
        Assert.Equal(["extra-experimental-features = local-overlay-store", $"store = {store.Url}"], told.NixConf);
    }

    [SkippableFact]
    public void It_can_be_repeated_and_makes_what_is_missing()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Make(lab.On(lower.Root));
        var database = File.GetLastWriteTimeUtc(store.DatabasePath);
        File.Delete(lab["ov/remount.sh"]);
        Directory.Delete(lab["ov/work"]);
        var hookless = Directory.GetLastWriteTimeUtc(store.StateDirectory);

        Assert.Equal(store, lab.Make(lab.On(lower.Root)));

        Assert.Equal((database, hookless), (File.GetLastWriteTimeUtc(store.DatabasePath), Directory.GetLastWriteTimeUtc(store.StateDirectory)));
        Assert.True(Directory.Exists(lab["ov/work"]));
        Assert.True(File.Exists(lab["ov/remount.sh"]));
        Refused("OverlayStoreExists", lab.On(lower.Root) with { IsPhysical = true });
    }

    [SkippableFact]
    public void The_physical_form_has_the_same_files_and_no_root()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var maker = OverlayMaker.Plan(lab.On(lower.Root + "/") with { IsPhysical = true });
        maker.Make();

        Assert.Equal(("/nix/store", "/nix/var/nix"), (maker.Store.RealDirectory, maker.Store.StateDirectory));
        Assert.True(File.Exists(lab["ov/nix/var/nix/db/db.sqlite"]));
        Assert.Equal(((string?)null, lab["ov"], lab["ov/work"]), (maker.Describe().Root, maker.Describe().Path, maker.Describe().WorkDirectory));
        Assert.Equal(maker.Store, OverlayLocator.Locate(lab["ov"]));
    }

    [SkippableTheory]
    [InlineData("plus+plus")]
    [InlineData("with blank")]
    [InlineData("a,b")]
    [InlineData("a:b")]
    [InlineData("[a]")]
    [InlineData("(a)")]
    [InlineData("a\\b")]
    public void Names_that_nix_cannot_match_need_a_mount_on_trust(string name)
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var request = lab.On(lower.Root) with { Path = lab[name] };

        Refused("OverlayNameUnmatchable", request);

        var store = lab.Mount(request with { ChecksMount = false });
        Assert.Contains("check-mount=false", store.Url, StringComparison.Ordinal);
        Assert.True(OverlayMounter.IsMounted(store));
        Assert.Equal(store, StoreLocator.Locate(store.Url));
        Assert.Equal(lab[name] + "/work", OverlayStoreFactory.Create(store).WorkDirectory);
        Assert.True(File.Exists(store.RealPathOf(SmallStore.PathOf("a"))));
        Assert.True(OverlayMounter.Dismount(store, false));
    }

    [SkippableFact]
    public void Names_that_nix_can_match_are_mounted_as_it_wants()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();

        var store = lab.Mount(lab.On(lower.Root) with { Path = lab["wéird.näme_1-2=3@4~5%6"] });

        Assert.True(MountCheck.Apply(store, File.ReadAllText("/proc/self/mounts")).Passes);
        Assert.Equal(store, StoreLocator.Locate(store.Url));
    }

    [SkippableFact]
    public void Symbolic_links_on_the_way_are_refused()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        Directory.CreateDirectory(lab["there"]);
        Directory.CreateSymbolicLink(lab["link"], lab["there"]);
        Directory.CreateSymbolicLink(lab["lower"], lower.Root);

        Assert.EndsWith(lab["there"] + "/ov", Refused("OverlaySymbolicLink", lab.On(lower.Root) with { Path = lab["link/ov"] }).Remedy, StringComparison.Ordinal);
        Refused("OverlaySymbolicLink", lab.On(lower.Root) with { UpperLayer = lab["link/upper"] });
        Refused("OverlaySymbolicLink", lab.On(lab["lower"]));
    }

    [SkippableFact]
    public void Upper_and_work_must_be_on_one_fit_file_system()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        MountNamespace.Run(space =>
        {
            Directory.CreateDirectory(lab["memory"]);
            space.MountMemory(lab["memory"], "size=1m");
            Refused("OverlayFileSystemsDiffer", lab.On(lower.Root) with { WorkDirectory = lab["memory/work"] });
            space.MakeReadOnly(lab["memory"]);
            Refused("UpperLayerUnfit", lab.On(lower.Root) with { UpperLayer = lab["memory/upper"], WorkDirectory = lab["memory/work"] });
        });
        var store = lab.Mount(lab.On(lower.Root));
        Refused("UpperLayerUnfit", new OverlayRequest { LowerStore = lower.Root, Path = lab["other"], UpperLayer = store.RealDirectory + "/upper", WorkDirectory = store.RealDirectory + "/work" });
    }

    [SkippableFact]
    public void The_lower_store_must_be_one()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        var store = lab.Mount(lab.On(lower.Root));
        var other = lab.On("") with { Path = lab["other"] };
        Directory.CreateDirectory(lab["empty/nix/store"]);

        Refused("LowerStoreIsOverlay", other with { LowerStore = store.Url });
        Refused("LowerStoreIsOverlay", other with { LowerStore = lab["ov"] });
        Refused("LowerStoreNotFound", other with { LowerStore = lab["none"] });
        Refused("LowerStoreNotFound", other with { LowerStore = lab["empty"] });
    }

    [SkippableFact]
    public void What_is_there_already_is_nobody_elses()
    {
        using var lower = new SmallStore("a");
        using var other = new SmallStore("b");
        using var lab = new MadeOverlay();
        Directory.CreateDirectory(lab["full"]);
        File.WriteAllText(lab["full/x"], "");

        Refused("OverlayStoreExists", lab.On(lower.Root) with { Path = other.Root });
        Refused("OverlayDirectoryNotEmpty", lab.On(lower.Root) with { UpperLayer = lab["full"] });
        Refused("OverlayDirectoryNotEmpty", lab.On(lower.Root) with { WorkDirectory = lab["full"] });
        Refused("OverlayLayersOverlap", lab.On(lower.Root) with { WorkDirectory = lab["ov/upper/work"] });
        Refused("OverlayLayersOverlap", lab.On(lower.Root) with { UpperLayer = lower.Location.RealDirectory + "/upper" });
        Refused("RemountHookNotFound", lab.On(lower.Root) with { RemountHook = lab["hook"] });
        Assert.False(Directory.Exists(lab["ov"]));
    }

    [SkippableFact]
    public void A_lower_store_that_cannot_be_written_is_opened_read_only()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        MountNamespace.Run(space =>
        {
            space.MakeReadOnly(lower.Root);
            var store = lab.Mount(lab.On(lower.Root));
            Assert.Equal($"local?root={lower.Root}&read-only=true", store.Overlay!.LowerUrl);
            Assert.Equal(["local-overlay-store", "read-only-local-store"], OverlayStoreFactory.Create(store).ExperimentalFeatures);
        });
        Directory.Delete($"{lower.Location.StateDirectory}/gcroots/per-user");
        MountNamespace.Run(space =>
        {
            space.MakeReadOnly(lower.Root);
            Refused("LowerStoreIncomplete", lab.On(lower.Root) with { Path = lab["other"] });
        });
    }

    [SkippableFact]
    public void A_store_that_cannot_be_seen_at_nix_has_no_physical_form()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();

        Refused("OverlayHidden", lab.On(lower.Root) with { IsPhysical = true, UpperLayer = "/nix/upper", WorkDirectory = "/nix/work" });
    }

    [SkippableFact]
    public void A_description_that_is_none_is_an_error_with_a_remedy()
    {
        using var lower = new SmallStore("a");
        using var lab = new MadeOverlay();
        lab.Make(lab.On(lower.Root));
        File.WriteAllText(lab["ov/nix/var/nix/nixstore-overlay.json"], "{");

        Assert.NotNull(Refused("OverlayDescriptionInvalid", lab.On(lower.Root)).Remedy);
    }

    private static NixStoreException Refused(string id, OverlayRequest request)
    {
        var error = Assert.ThrowsAny<NixStoreException>(() => OverlayMaker.Plan(request));
        Assert.Equal(id, error.ErrorId);
        return error;
    }
}
