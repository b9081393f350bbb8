using NixStore.Engine.Collection;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Kills;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>Collecting in an overlay store, where real Nix aborts as soon as there is a root (NIX-ON-DAMAGE, G1).</summary>
public sealed class OverlayCollectionTests
{
    [SkippableTheory]
    [InlineData("nix234")]
    [InlineData("nix226")]
    public void The_upper_garbage_goes_and_the_lower_store_stays_as_it_is(string version)
    {
        var nix = RealNix.Require(version);
        using var lab = OverlayLab.OnLabStore();
        var lower = TreeStates.Read(lab.Lower.RealDirectory);
        var dead = Add(nix, lab, "dead");
        var live = Add(nix, lab, "live");
        Root(lab, "live", live);
        var app = LowerPath(lab, "app-2.0");
        Root(lab, "app", app);
        nix.Store(lab.Location, "-qR", app);
        var before = Used(lab.Upper);

        var (collection, items) = Collect(lab.Location);

        Assert.Equal([dead], items.Where(item => item.Outcome == CollectionOutcome.Deleted).Select(item => item.Path));
        Assert.Equal((1, before - Used(lab.Upper)), (collection.RemovedCount, collection.FreedBytes));
        Assert.Equal(lower, TreeStates.Read(lab.Lower.RealDirectory));
        Assert.Equal([Path.GetFileName(live)], Directory.EnumerateFileSystemEntries(lab.Upper).Select(Path.GetFileName).Where(name => name != ".links"));
        nix.Store(lab.Location, "--verify", "--check-contents");
        nix.Store(lab.Location, "--check-validity", live, app);
        Assert.NotEqual(0, nix.TryStore(lab.Location, "--check-validity", dead).ExitCode);
        Assert.Equal(0, Collect(lab.Location).Collection.RemovedCount);
    }

    [SkippableFact]
    public void A_dead_copy_of_what_the_lower_store_has_goes_without_a_whiteout()
    {
        var nix = RealNix.Require();
        using var lab = OverlayLab.OnLabStore();
        var path = LowerPath(lab, "app-2.0");
        nix.Store(lab.Location, "--check-validity", path);
        var copy = $"{lab.Upper}/{Path.GetFileName(path)}";
        Command.Run("cp", "-a", $"{lab.Lower.RealDirectory}/{Path.GetFileName(path)}", copy);
        lab.Unmount();
        lab.Mount();
        var size = Used(lab.Upper);

        var (collection, items) = Collect(lab.Location);

        Assert.Equal([(path, StoreGarbageKind.Duplicate)], items.Select(item => (item.Path, item.Kind)));
        Assert.Equal(size - Used(lab.Upper), collection.FreedBytes);
        Assert.False(Path.Exists(copy));
        nix.Store(lab.Location, "--verify", "--check-contents");
        nix.Store(lab.Location, "--check-validity", path);
        Assert.Empty(Whiteouts(lab.Upper));
    }

    [SkippableFact]
    public void What_hides_or_mixes_with_the_lower_store_is_left_to_the_repair()
    {
        _ = RealNix.Require();
        using var lab = OverlayLab.OnLabStore();
        var hidden = LowerPath(lab, "app-2.0");
        var touched = LowerPath(lab, "libfoo3-1.3");
        Command.Run("rm", "-rf", $"{lab.Location.RealDirectory}/{Path.GetFileName(hidden)}");
        Command.Run("/bin/sh", "-c", "find \"$0\" -type f | head -1 | xargs chmod 644", $"{lab.Location.RealDirectory}/{Path.GetFileName(touched)}");
        var before = TreeStates.Read(lab.Upper);

        var (collection, items) = Collect(lab.Location);

        Assert.Empty(items);
        Assert.Equal(0, collection.FreedBytes);
        Assert.Equal(before, TreeStates.Read(lab.Upper));
    }

    [SkippableFact]
    public void Nothing_is_deleted_where_the_overlay_is_not_mounted()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        lab.Paths.Add("b");
        lab.Unmount();

        var error = Assert.Throws<NixStoreException>(() => Collect(lab.Location));

        Assert.Equal("OverlayNotMounted", error.ErrorId);
        Assert.True(File.Exists($"{lab.Upper}/{SmallStore.PathOf("b").BaseName}"));
    }

    private static (StoreCollection Collection, List<StoreCollectionItem> Items) Collect(StoreLocation store)
    {
        var items = new List<StoreCollectionItem>();
        var collection = Collector.Collect(
            store,
            new CollectionRequest
            {
                Choose = survey => survey.Garbage.Items, Settings = new LivenessSettings(false, false), Done = items.Add, Failed = error => throw error,
            },
            CancellationToken.None);
        return (collection, items);
    }

    private static string Add(RealNix nix, OverlayLab lab, string name)
    {
        var directory = Directory.CreateDirectory(lab.Beside(name)).FullName;
        File.WriteAllText($"{directory}/file", new string('x', 100_000));
        Directory.CreateDirectory($"{directory}/sub");
        return nix.Store(lab.Location, "--add", directory).Trim();
    }

    private static void Root(OverlayLab lab, string name, string path)
        => File.CreateSymbolicLink($"{lab.Location.StateDirectory}/gcroots/{name}", path);

    private static string LowerPath(OverlayLab lab, string name) => "/nix/store/" + Path.GetFileName(
        Directory.EnumerateFileSystemEntries(lab.Lower.RealDirectory).Single(entry => Path.GetFileName(entry) is { Length: > 33 } found && found[33..] == name));

    private static string[] Whiteouts(string directory)
        => Command.Run("find", directory, "-type", "c").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Bytes that everything in a directory takes on disk, the directory itself left out.</summary>
    private static long Used(string directory)
        => Command.Run("find", directory, "-mindepth", "1", "-printf", "%b\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(long.Parse) * 512;
}
