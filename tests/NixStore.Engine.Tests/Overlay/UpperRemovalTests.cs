using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay;

public sealed class UpperRemovalTests
{
    private static readonly PublicationOptions s_removing = new() { RemovesFromUpper = true, Threads = 2 };

    [SkippableFact]
    public void The_upper_copy_goes_and_the_path_is_seen_all_the_same()
    {
        using var lab = OverlayLab.OnSmallStore();
        var library = lab.AddTree("library");
        var path = lab.AddTree("new", library);
        var seen = File.ReadAllBytes(lab.Location.RealPathOf(path) + "/large");

        var result = new Publication(lab, s_removing).Run(path);

        Assert.Empty(result.Failures);
        Assert.Empty(result.Warnings);
        Assert.All(result.Published, one => Assert.Equal(PublicationMethod.Copied, one.Method));
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Upper));
        Assert.Equal(seen, File.ReadAllBytes(lab.Location.RealPathOf(path) + "/large"));
        Assert.Equal(2, result.Removed.Count);
        Assert.All(result.Removed, copy => Assert.InRange(copy.BytesFreed, 700_000, 800_000));
        lab.ExpectLower("library", "new");
        Assert.Equal("2", Command.Run("sqlite3", lab.Location.DatabasePath, "select count(*) from ValidPaths"));
    }

    [SkippableFact]
    public void What_is_mounted_nowhere_is_copied_so_that_a_refused_row_loses_nothing()
    {
        using var lab = OverlayLab.OnSmallStore();
        var path = lab.AddTree("new");
        var refused = lab.AddTree("refused");
        Command.Run("sqlite3", lab.Lower.DatabasePath,
            "create trigger refuse before insert on ValidPaths when new.path like '%-refused' begin select raise(abort, 'no'); end");
        lab.UnmountEverywhere();

        var result = new Publication(lab, s_removing).Run(path, refused);

        Assert.Equal([refused], result.Failures.Select(failure => failure.Path));
        Assert.Equal(PublicationMethod.Copied, result.Published.Single().Method);
        Assert.Equal([refused.BaseName], Directory.EnumerateFileSystemEntries(lab.Upper).Select(Path.GetFileName));
        Command.Run("sqlite3", lab.Lower.DatabasePath, "drop trigger refuse");
        Assert.Empty(new Publication(lab, s_removing).Run(refused).Failures);
        lab.ExpectLower("new", "refused");
    }

    [SkippableFact]
    public void An_upper_copy_that_an_interrupted_publication_left_goes_the_next_time_with_those_it_needs()
    {
        using var lab = OverlayLab.OnSmallStore();
        var library = lab.AddTree("library");
        var path = lab.AddTree("new", library);
        new Publication(lab).Run(path);

        var result = new Publication(lab, s_removing).Run(path);

        Assert.Empty(result.Failures);
        Assert.Equal(2, result.Removed.Count);
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Upper));
        Assert.True(File.Exists(lab.Location.RealPathOf(library) + "/large"));
    }

    [SkippableFact]
    public void An_overlay_of_another_namespace_is_remounted_by_its_hook_or_keeps_what_it_has()
    {
        using var lab = OverlayLab.OnSmallStore();
        var hook = lab.Beside("hook");
        Command.WriteProgram(hook, $"#!/bin/sh\necho \"$1\" > {lab.Beside("called")}\n");
        var library = lab.AddTree("library");
        var path = lab.AddTree("new", library);
        lab.UnmountEverywhere();
        var seen = $"{lab.Location.RealPathOf(path)}/large";
        using var other = Command.Start("unshare", ["-m", "--propagation", "private", "/bin/sh", "-c",
            $"mount -t overlay overlay -o lowerdir={lab.Lower.RealDirectory},upperdir={lab.Upper},workdir={lab.Work} {lab.Location.RealDirectory} && echo ready"
            + $" && while read line; do cmp {seen} {lab.Upper}/{path.BaseName}/large && echo same || echo different; done"]);
        Assert.Equal("ready", other.StandardOutput.ReadLine());
        try
        {
            var without = new Publication(lab, s_removing).Run(path);

            Assert.Equal([(library, "OverlayNotRemounted"), (path, "OverlayNotRemounted")],
                without.Failures.Select(failure => (failure.Path, failure.Error.ErrorId)).OrderBy(failure => failure.Path.Equals(path)));
            Assert.All(without.Failures, failure => Assert.Contains($"process {other.Id}", failure.Error.Message, StringComparison.Ordinal));
            Assert.Equal(2, without.Published.Count);
            Assert.Empty(without.Removed);
            Assert.Empty(without.Warnings);
            Assert.Equal(new[] { library.BaseName, path.BaseName }.Order(), Directory.EnumerateFileSystemEntries(lab.Upper).Select(Path.GetFileName).Order());
            other.StandardInput.WriteLine();
            Assert.Equal("same", other.StandardOutput.ReadLine());

            var result = new Publication(lab, s_removing).RunOn(lab.Location with { Overlay = lab.Location.Overlay! with { RemountHook = hook } }, path);

            Assert.Empty(result.Failures);
            Assert.Empty(result.Warnings);
            Assert.Equal(2, result.Removed.Count);
            Assert.Equal(PublicationMethod.Present, result.Published.Single().Method);
            Assert.Equal(lab.Location.RealDirectory, File.ReadAllText(lab.Beside("called")).Trim());
            Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Upper));
        }
        finally
        {
            Command.Finish(other);
        }
    }

    [SkippableFact]
    public void A_duplicate_goes_only_when_the_lower_copy_is_intact()
    {
        using var lab = OverlayLab.OnSmallStore();
        var good = lab.AddTree("good");
        var damaged = lab.AddTree("damaged");
        var other = lab.AddTree("other");
        new Publication(lab).Run(good, damaged, other);
        File.AppendAllText($"{lab.Lower.RealDirectory}/{damaged.BaseName}/zero", "x");
        lab.Paths.Sql($"update ValidPaths set hash = 'sha256:{new string('a', 64)}' where path = '{lab.Paths.Full("other")}'");
        lab.Paths.Add("own");
        var failures = new List<(StorePath Path, string Id)>();
        var size = 0L;
        using (var optimiser = OverlayOptimiser.Open(lab.Location))
        {
            var untouched = new Untouched([lab.Upper]);
            var found = optimiser.Find(null, 2, (path, error) => failures.Add((path, error.ErrorId)), CancellationToken.None);

            Assert.Empty(untouched.Differences());
            Assert.Equal(lab.Paths.Full("good"), found.Single().Path);
            Assert.True(found.Single().IsPrediction);
            Assert.Equal([(damaged, "OverlayLowerDamaged"), (other, "OverlayLowerDamaged")],
                failures.OrderBy(failure => failure.Path.Equals(other)));
            size = Allocated($"{lab.Upper}/{good.BaseName}");
            var removed = new List<OverlayDuplicate>();
            optimiser.Remove([good], removed.Add, (_, error) => throw error, CancellationToken.None);
            Assert.Equal((size, false), (removed.Single().BytesFreed, removed.Single().IsPrediction));
        }

        Assert.Equal(StoreLayer.Lower, lab.Location.Overlay!.LayerOf(good));
        Assert.Equal(StoreLayer.Both, lab.Location.Overlay!.LayerOf(damaged));
        Assert.True(File.Exists(lab.Location.RealPathOf(good) + "/large"));
        Assert.Equal("1", Command.Run("sqlite3", lab.Location.DatabasePath, "select count(*) from ValidPaths where path like '%-good'"));
    }

    [SkippableFact]
    public void A_file_with_hard_links_counts_when_the_last_one_goes()
    {
        using var lab = OverlayLab.OnSmallStore();
        var one = lab.AddTree("one");
        var two = lab.AddTree("two");
        new Publication(lab).Run(one, two);
        File.Delete($"{lab.Upper}/{two.BaseName}/large");
        Command.Run("ln", $"{lab.Upper}/{one.BaseName}/large", $"{lab.Upper}/{two.BaseName}/large");
        var all = Allocated(lab.Upper) - Allocated(lab.Upper, "-maxdepth", "0");
        using var optimiser = OverlayOptimiser.Open(lab.Location);

        var found = optimiser.Find(null, 1, (_, error) => throw error, CancellationToken.None);

        Assert.Equal(all, found.Sum(copy => copy.BytesFreed));
        Assert.InRange(found[0].BytesFreed, 0, 100_000);
        Assert.InRange(found[1].BytesFreed, 700_000, 800_000);
    }

    [SkippableFact]
    public void A_lower_copy_that_changes_after_it_was_proved_keeps_the_upper_one()
    {
        using var lab = OverlayLab.OnSmallStore();
        var path = lab.AddTree("new");
        new Publication(lab).Run(path);
        using var optimiser = OverlayOptimiser.Open(lab.Location);
        optimiser.Find([path], 1, (_, error) => throw error, CancellationToken.None);
        Directory.Move($"{lab.Lower.RealDirectory}/{path.BaseName}", lab.Beside("away"));
        var failures = new List<string>();

        optimiser.Remove([path], _ => Assert.Fail("removed"), (_, error) => failures.Add(error.ErrorId), CancellationToken.None);

        Assert.Equal(["OverlayLowerDamaged"], failures);
        Assert.Equal(StoreLayer.Upper, lab.Location.Overlay!.LayerOf(path));
    }

    /// <summary>Bytes on disk, each inode once.</summary>
    private static long Allocated(string directory, params string[] options)
        => Command.Run("find", [directory, .. options, "-printf", "%i %b\n"]).Split('\n').Distinct().Sum(line => long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * 512);
}
