using NixStore.Engine.Database;
using NixStore.Engine.Overlay;
using NixStore.Engine.Sources;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Overlay;

public sealed class LayeredReadingTests
{
    [SkippableFact]
    public void An_overlay_store_has_its_own_rows_and_the_lower_stores()
    {
        using var lab = OverlayLab.OnSmallStore("a", "b");
        lab.Paths.Add("c", SmallStore.PathOf("c"));
        using var database = StoreDatabase.OpenForReading(lab.Location);

        var listed = PathLister.Open(database).List(includeUnregistered: true).ToDictionary(path => path.Name);

        Assert.Equal(["a", "b", "c"], listed.Keys.Order());
        Assert.All(listed.Values, path => Assert.Equal(StorePathState.Valid, path.State));
        Assert.Equal((StoreLayer.Lower, StoreLayer.Lower, StoreLayer.Upper), (listed["a"].Layer, listed["b"].Layer, listed["c"].Layer));
        Assert.Equal([lab.Paths.Full("a")], listed["b"].References);
    }

    [SkippableFact]
    public void What_is_registered_meanwhile_meets_no_row_of_the_lower_store()
    {
        using var lab = OverlayLab.OnSmallStore("a", "b", "c");
        lab.Paths.Add("own");

        // Somebody has the database open, so it is read as it is at each question.
        using var writer = StoreDatabaseWriter.Open(lab.Location, CancellationToken.None);
        using var database = StoreDatabase.OpenForReading(lab.Location);
        using var lower = LocalStoreSource.Open(lab.Lower);
        Assert.Equal(4, database.CountPaths());

        lab.Paths.Add("x");
        lab.Paths.Add("y", SmallStore.PathOf("x"), SmallStore.PathOf("own"));
        writer.Register([new PathRegistration(lower.Find(SmallStore.PathOf("a"), CancellationToken.None)!.Info)]);

        Assert.Equal(["a", "b", "c", "own", "x", "y"], database.ReadPaths().Select(row => row.Path[^(row.Path.Length - 44)..]).Order());
        Assert.Equal([lab.Paths.Full("own"), lab.Paths.Full("x")], database.Find(lab.Paths.Full("y"))!.References.Order());
        Assert.Equal([lab.Paths.Full("a")], database.Find(lab.Paths.Full("b"))!.References);
        Assert.Equal([lab.Paths.Full("b")], database.FindReferrers(lab.Paths.Full("a")));
        Assert.All(database.ReadPaths(), row => Assert.Equal(row.Path, database.Find(row.Id)!.Path));
    }

    [SkippableFact]
    public void What_nix_adds_is_seen_and_nix_sees_what_we_see()
    {
        var nix = RealNix.Require();
        using var lab = OverlayLab.OnLabStore();
        File.WriteAllText(lab.Beside("new"), "new");
        var added = nix.Store(lab.Location, "--add", lab.Beside("new")).Trim();
        using var database = StoreDatabase.OpenForReading(lab.Location);
        var paths = PathLister.Open(database).List().ToList();

        Assert.Equal(StoreLayer.Upper, paths.Single(path => path.Path == added).Layer);
        using var lower = StoreDatabase.OpenForReading(lab.Lower);
        Assert.Equal(lower.CountPaths() + 1, paths.Count);
        Assert.All(paths.Where(path => path.Path != added), path => Assert.Equal(StoreLayer.Lower, path.Layer));
        Assert.Equal(paths.Count, paths.Select(path => path.Path).Distinct().Count());
        foreach (var path in paths)
        {
            Assert.Equal(path.References, nix.Store(lab.Location, "-q", "--references", path.Path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        }
    }

    [SkippableFact]
    public void The_mount_passes_nixs_check()
    {
        using var lab = OverlayLab.OnSmallStore("a");

        Assert.True(MountCheck.Apply(lab.Location, File.ReadAllText("/proc/self/mounts")).Passes);
        Assert.True(OverlayMount.IsMounted(lab.Location));
        lab.Unmount();
        Assert.False(MountCheck.Apply(lab.Location, File.ReadAllText("/proc/self/mounts")).Passes);
        Assert.False(OverlayMount.IsMounted(lab.Location));
    }
}
