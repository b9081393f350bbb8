using NixStore.Engine.Collection;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Kills;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>Collecting in an overlay store, where real Nix mostly aborts (NIX-ON-DAMAGE, G1).</summary>
public sealed class OverlayCollectionTests
{
    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_upper_garbage_goes_and_the_lower_store_stays_as_it_is(string version)
    {
        var nix = RealNix.Require(version);
        using var lab = OverlayLab.OnLabStore();
        var lower = TreeStates.Read(lab.Lower.RealDirectory);
        var dead = Add(nix, lab, "dead");
        var live = Add(nix, lab, "live");
        Root(lab, "live", live);
        var app = lab.LowerPath("app-2.0");
        Root(lab, "app", app);
        nix.Store(lab.Location, "-qR", app);
        var before = DiskUse.Below(lab.Upper);

        var (collection, items) = Collect(lab.Location);

        Assert.Equal([dead], items.Where(item => item.Outcome == CollectionOutcome.Deleted).Select(item => item.Path));
        Assert.Equal((1, before - DiskUse.Below(lab.Upper)), (collection.RemovedCount, collection.FreedBytes));
        Assert.Equal(lower, TreeStates.Read(lab.Lower.RealDirectory));
        Assert.Equal([Path.GetFileName(live)], Directory.EnumerateFileSystemEntries(lab.Upper).Select(Path.GetFileName).Where(name => name != ".links"));
        nix.Verify(lab.Location);
        nix.Store(lab.Location, "--check-validity", live, app);
        Assert.NotEqual(0, nix.TryStore(lab.Location, "--check-validity", dead).ExitCode);
        Assert.Equal(0, Collect(lab.Location).Collection.RemovedCount);
    }

    /// <summary>Whether Nix aborts depends on the order in which the lower store's file system lists it; most orders will do.</summary>
    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void Nix_aborts_over_the_lower_store_and_this_collector_does_not(string version)
    {
        Skip.IfNot(Directory.Exists("/dev/shm"), "NO /dev/shm: a file system that lists a directory in the order in which it was filled");
        var nix = RealNix.Require(version);
        using var origin = LabStore.Signed();
        var names = Directory.GetFileSystemEntries(origin.Location.RealDirectory).Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal).ToArray();
        var random = new Random(1);
        for (var tries = 1; tries <= 20; tries++)
        {
            random.Shuffle(names);
            using var lower = new TemporaryStore("/dev/shm");
            Command.Run("/bin/bash", ["-euc", "rm -r \"$1/nix\"; mkdir -p \"$1/nix/store\"; cp -a \"$0/nix/var\" \"$1/nix\"; for n in \"${@:2}\"; do cp -a \"$0/nix/store/$n\" \"$1/nix/store\"; done",
                origin.Root, lower.Root, .. names]);
            using var lab = OverlayLab.On(lower.Location);
            var dead = Add(nix, lab, "dead");
            var live = Add(nix, lab, "live");
            Root(lab, "live", live);

            var said = nix.TryStore(lab.Location, "--gc");

            if (said.ExitCode == 0)
            {
                continue;
            }

            Assert.Contains("is not valid", said.Error, StringComparison.Ordinal);
            Assert.True(Path.Exists($"{lab.Upper}/{Path.GetFileName(dead)}"));
            var (collection, items) = Collect(lab.Location);
            Assert.Equal([(dead, CollectionOutcome.Deleted)], items.Select(item => (item.Path, item.Outcome)));
            Assert.Equal(0, collection.FailedCount);
            nix.Verify(lab.Location);
            return;
        }

        Assert.Fail("Nix aborts no more");
    }

    [SkippableFact]
    public void What_both_layers_have_is_left_to_the_optimisation_that_proves_it()
    {
        var nix = RealNix.Require();
        using var lab = OverlayLab.OnLabStore();
        var path = lab.LowerPath("app-2.0");
        nix.Store(lab.Location, "--check-validity", path);
        var copy = $"{lab.Upper}/{Path.GetFileName(path)}";
        Command.Run("cp", "-a", $"{lab.Lower.RealDirectory}/{Path.GetFileName(path)}", copy);
        lab.Unmount();
        lab.Mount();
        var dead = Add(nix, lab, "dead");

        var (_, items) = Collect(lab.Location);

        Assert.Equal([dead], items.Select(item => item.Path));
        Assert.True(Path.Exists(copy));
        Assert.Empty(Whiteouts(lab.Upper));
    }

    [SkippableFact]
    public void The_only_good_copy_of_what_a_live_path_needs_stays_though_only_the_lower_store_knows_that()
    {
        using var lab = OverlayLab.OnSmallStore("b", "d");
        var (b, d) = (SmallStore.PathOf("b"), SmallStore.PathOf("d"));

        // As after a repair: the upper layer has the good copy and a row of its own; the row of what needs it is the lower store's alone.
        Assert.Equal(b, lab.Paths.Add("b"));
        File.Delete(lab.Lower.RealPathOf(b));
        Root(lab, "d", lab.Lower.Directory.Print(d));
        var dead = lab.Paths.Add("dead");

        var (_, items) = Collect(lab.Location);

        Assert.Equal([lab.Paths.Full("dead")], items.Select(item => item.Path));
        Assert.True(File.Exists($"{lab.Upper}/{b.BaseName}"));
        Assert.False(File.Exists($"{lab.Upper}/{dead.BaseName}"));
    }

    [SkippableFact]
    public void A_copy_over_unregistered_files_of_the_lower_store_stays()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        var path = lab.Paths.Add("b");
        File.WriteAllText(lab.Lower.RealPathOf(path), "copied by hand, and broken");

        Assert.Empty(Collect(lab.Location).Items);

        Assert.True(File.Exists($"{lab.Upper}/{path.BaseName}"));
    }

    [SkippableFact]
    public void The_layers_may_be_on_different_file_systems()
    {
        Skip.IfNot(Directory.Exists("/dev/shm"), "NO /dev/shm: no second file system to have the lower store on");
        using var lower = new TemporaryStore("/dev/shm");
        using var lab = OverlayLab.On(lower.Location);
        var nix = RealNix.Require();
        var dead = Add(nix, lab, "dead");

        var (collection, items) = Collect(lab.Location);

        Assert.Equal([(dead, CollectionOutcome.Deleted)], items.Select(item => (item.Path, item.Outcome)));
        Assert.Equal(0, collection.FailedCount);
    }

    [SkippableFact]
    public void What_hides_or_mixes_with_the_lower_store_is_left_to_the_repair()
    {
        var nix = RealNix.Require();
        using var lab = OverlayLab.OnLabStore();
        var hidden = lab.LowerPath("app-2.0");
        var touched = lab.LowerPath("libfoo3-1.3");
        Command.Run("rm", "-rf", $"{lab.Location.RealDirectory}/{Path.GetFileName(hidden)}");
        Command.Run("/bin/sh", "-c", "find \"$0\" -type f | head -1 | xargs chmod 644", $"{lab.Location.RealDirectory}/{Path.GetFileName(touched)}");
        var before = TreeStates.Read(lab.Upper);
        var dead = Add(nix, lab, "dead");

        var (_, items) = Collect(lab.Location);

        Assert.Equal([dead], items.Select(item => item.Path));
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

    /// <summary>An empty store in a directory of a file system's own.</summary>
    private sealed class TemporaryStore : IDisposable
    {
        internal string Root { get; }

        internal TemporaryStore(string directory)
        {
            Root = Directory.CreateDirectory($"{directory}/nixstore-test-{Guid.NewGuid()}").FullName;
            Location = StoreLocator.Locate(Root);
            StoreCreator.EnsureExists(Location);
        }

        internal StoreLocation Location { get; }

        public void Dispose() => Command.Run("rm", "-rf", Root);
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

    private static string[] Whiteouts(string directory)
        => Command.Run("find", directory, "-type", "c").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
