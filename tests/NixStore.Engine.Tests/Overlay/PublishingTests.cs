using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay;

public sealed class PublishingTests
{
    private const string Old = "a";

    [SkippableFact]
    public void A_path_goes_into_the_lower_store_with_what_it_needs_and_nothing_else()
    {
        using var lab = OverlayLab.OnSmallStore(Old);
        var library = lab.AddTree("library", SmallStore.PathOf(Old));
        var application = lab.Paths.Add("application", library);
        lab.Paths.Add("other");

        var result = new Publication(lab).Run(application);

        Assert.Empty(result.Errors);
        Assert.Equal([("library", false), ("application", true)], result.Published.Select(path => (NameOf(path.Path), path.IsRequested)));
        Assert.All(result.Published, path => Assert.Equal(PublicationMethod.Copied, path.Method));
        lab.ExpectLower(Old, "application", "library");
        Assert.Equal(StoreLayer.Both, lab.Location.Overlay!.LayerOf(application));
        Assert.Empty(result.Warnings);
    }

    [SkippableFact]
    public void What_is_there_already_is_left_alone()
    {
        using var lab = OverlayLab.OnSmallStore(Old);
        var path = lab.AddTree("new", SmallStore.PathOf(Old));
        new Publication(lab).Run(path);
        var untouched = new Untouched([$"{lab.Lower.RealDirectory}/{path.BaseName}"]);

        var again = new Publication(lab).Run(path, SmallStore.PathOf(Old));

        Assert.Empty(again.Errors);
        Assert.Equal([PublicationMethod.Present, PublicationMethod.Present], again.Published.Select(one => one.Method));
        Assert.Empty(untouched.Differences());
    }

    [SkippableFact]
    public void The_row_goes_as_the_overlay_store_has_it()
    {
        using var lab = OverlayLab.OnLabStore();
        var nix = RealNix.Require();
        File.WriteAllText(lab.Beside("source.txt"), "source");
        var source = nix.Store(lab.Location, "--add", lab.Beside("source.txt")).Trim();
        var derivation = nix.Instantiate(lab.Location,
            $$"""derivation { name = "d"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ (builtins.storePath {{source}}) ]; }""", "--option", "restrict-eval", "false").Trim();
        lab.Paths.Sql($"update ValidPaths set deriver = '{derivation}', ultimate = 1, sigs = 'k:{new string('A', 86)}==' where path = '{source}'");

        var result = new Publication(lab).Run(lab.Location.Directory.Parse(derivation));

        Assert.Empty(result.Failures);
        const string columns = "path, hash, narSize, deriver, ultimate, sigs, ca";
        var rows = $"select {columns} from ValidPaths where path in ('{source}', '{derivation}') order by path";
        Assert.Equal(Sql(lab.Location, rows), Sql(lab.Lower, rows));
        var outputs = $"select o.id, o.path from DerivationOutputs o join ValidPaths p on p.id = o.drv where p.path = '{derivation}'";
        Assert.Contains("out|", Sql(lab.Lower, outputs), StringComparison.Ordinal);
        Assert.Equal(Sql(lab.Location, outputs), Sql(lab.Lower, outputs));
        Assert.Equal(2, Sql(lab.Lower, rows).Split('\n').Length);
    }

    [SkippableFact]
    public void Files_that_were_copied_by_hand_are_proved_and_registered_where_they_are()
    {
        using var lab = OverlayLab.OnSmallStore();
        var path = lab.AddTree("new");
        Command.Run("cp", "-a", $"{lab.Upper}/{path.BaseName}", lab.Lower.RealDirectory);
        var there = $"{lab.Lower.RealDirectory}/{path.BaseName}";
        Command.Run("setfattr", "-n", "trusted.overlay.opaque", "-v", "y", there);
        Command.Run("setfattr", "-h", "-n", "trusted.overlay.origin", "-v", "x", $"{there}/link");
        Directory.Delete($"{lab.Upper}/{path.BaseName}", recursive: true);
        var inode = Command.Run("stat", "-c", "%i", there);

        var result = new Publication(lab).Run(path);

        Assert.Empty(result.Errors);
        Assert.Equal(PublicationMethod.Registered, result.Published.Single().Method);
        Assert.Equal(inode, Command.Run("stat", "-c", "%i", there));
        Assert.Equal("", Command.Run("getfattr", "-R", "-h", "-d", "-m", "-", "--absolute-names", there));
        lab.ExpectLower("new");
    }

    [SkippableFact]
    public void What_differs_from_what_the_lower_store_has_is_an_error_and_nothing_is_overwritten()
    {
        using var lab = OverlayLab.OnSmallStore(Old);
        var valid = SmallStore.PathOf(Old);
        lab.Paths.Add(Old);
        lab.Paths.Sql($"update ValidPaths set hash = 'sha256:{new string('a', 64)}' where path = '{lab.Paths.Full(Old)}'");
        var lying = lab.Paths.Add("lying");
        File.WriteAllText($"{lab.Lower.RealDirectory}/{lying.BaseName}", "something else");
        var referrer = lab.Paths.Add("referrer", lying);
        var fine = lab.Paths.Add("fine");

        var result = new Publication(lab).Run(valid, lying, referrer, fine);

        Assert.Equal([(valid, "OverlayPathDiffers"), (lying, "OverlayPathDiffers"), (referrer, "ReferenceNotValid")],
            result.Failures.Select(failure => (failure.Path, failure.Error.ErrorId)).OrderBy(failure => failure.ErrorId).ThenBy(failure => !failure.Path.Equals(valid)));
        Assert.Equal("something else", File.ReadAllText($"{lab.Lower.RealDirectory}/{lying.BaseName}"));
        Assert.Equal("fine", NameOf(result.Published.Single().Path));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_not_as_it_is_registered_is_not_published(bool unmounted)
    {
        using var lab = OverlayLab.OnSmallStore();
        var modified = lab.AddTree("modified");
        File.AppendAllText($"{lab.Upper}/{modified.BaseName}/zero", "x");
        var hidden = lab.AddTree("hidden");
        Command.Run("mknod", $"{lab.Upper}/{hidden.BaseName}/bin/whiteout", "c", "0", "0");
        var gone = lab.AddTree("gone");
        Directory.Delete($"{lab.Upper}/{gone.BaseName}", recursive: true);
        if (unmounted)
        {
            lab.Unmount();
        }

        var result = new Publication(lab, new PublicationOptions { RemovesFromUpper = unmounted }).Run(modified, hidden, gone);

        Assert.Equal(["OverlayFilesMissing", "OverlayPathModified", "OverlayWhiteout"], result.Errors.Order());
        Assert.Empty(lab.LowerEntries());
        Assert.True(Directory.Exists($"{lab.Upper}/{modified.BaseName}"));
    }

    [SkippableFact]
    public void Without_the_closure_only_what_is_named_goes_when_all_it_needs_is_there()
    {
        using var lab = OverlayLab.OnSmallStore();
        var library = lab.Paths.Add("library");
        var application = lab.Paths.Add("application", library);
        var options = new PublicationOptions { WithClosure = false };

        Assert.Equal(["ReferenceNotValid"], new Publication(lab, options).Run(application).Errors);
        Assert.Empty(lab.LowerEntries());
        Assert.Empty(new Publication(lab, options).Run(application, library).Errors);
        lab.ExpectLower("application", "library");
    }

    [SkippableFact]
    public void Many_paths_in_small_batches_by_several_threads()
    {
        using var lab = OverlayLab.OnSmallStore();
        StorePath? last = null;
        var names = Enumerable.Range(0, 40).Select(number => $"tree-{number}").ToArray();
        foreach (var name in names)
        {
            last = lab.AddTree(name, last is null ? [] : [last]);
        }

        var result = new Publication(lab, new PublicationOptions { Threads = 4, BatchPaths = 3 }).Run(last!);

        Assert.Empty(result.Errors);
        Assert.Equal(names, result.Published.Select(path => NameOf(path.Path)));
        lab.ExpectLower(names);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_cancelled_publication_leaves_whole_paths_and_the_next_one_completes(int threads)
    {
        using var lab = OverlayLab.OnSmallStore();
        var names = Enumerable.Range(0, 8).Select(number => $"tree-{number}").ToArray();
        var paths = names.Select(name => lab.AddTree(name)).ToArray();
        var published = new List<OverlayPublication>();
        using var cancelled = new CancellationTokenSource();
        using (var publisher = OverlayPublisher.Open(
            lab.Location, new PublicationOptions { BatchPaths = 1, Threads = threads },
            path =>
            {
                published.Add(path);
                cancelled.Cancel();
            },
            (_, error) => throw error, _ => { }, _ => { }, CancellationToken.None))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => publisher.Publish(paths, cancelled.Token));
        }

        lab.ExpectLower([NameOf(published.Single().Path)]);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{lab.Lower.StateDirectory}/temproots"));

        Assert.Empty(new Publication(lab).Run(paths).Failures);
        lab.ExpectLower(names);
    }

    [SkippableTheory]
    [InlineData("plain")]
    [InlineData("a:b,c\\d")]
    public void A_path_that_another_overlay_has_looked_for_in_vain_is_seen_there_at_once(string name)
    {
        using var directory = new TemporaryDirectory();
        using var lab = OverlayLab.OnSmallStoreBelow(directory[name]);
        using var other = OverlayLab.On(lab.Lower);
        var path = lab.AddTree("new");
        Assert.False(Directory.Exists(other.Location.RealPathOf(path)));

        new Publication(lab).Run(path);

        Assert.True(Directory.Exists(other.Location.RealPathOf(path)));
    }

    [SkippableFact]
    public void A_lower_store_on_a_read_only_mount_is_an_error()
    {
        using var lab = OverlayLab.OnSmallStore();
        var path = lab.AddTree("new");
        Command.Run("mount", "--bind", lab.Lower.StateDirectory, lab.Lower.StateDirectory);
        try
        {
            Command.Run("mount", "-o", "remount,ro,bind", lab.Lower.StateDirectory);
            Assert.Equal("OverlayLowerReadOnly", Assert.Throws<NixStoreException>(() => new Publication(lab).Run(path)).ErrorId);
        }
        finally
        {
            Command.Run("umount", "-l", lab.Lower.StateDirectory);
        }
    }

    [SkippableFact]
    public void A_store_without_layers_is_an_error()
    {
        using var store = new SmallStore(Old);

        Assert.Equal("NotAnOverlayStore", Assert.Throws<NixStoreException>(() => OverlayPublisher.Open(
            store.Location, new PublicationOptions(), _ => { }, (_, _) => { }, _ => { }, _ => { }, CancellationToken.None)).ErrorId);
        Assert.Equal("NotAnOverlayStore", Assert.Throws<NixStoreException>(() => OverlayOptimiser.Open(store.Location)).ErrorId);
    }

    [SkippableFact]
    public void Blocks_are_shared_where_the_file_system_can()
    {
        Skip.IfNot(Command.Exists("mkfs.xfs") && Environment.IsPrivilegedProcess, "TOOLS MISSING: mkfs.xfs, and root to mount its file system");
        using var directory = new TemporaryDirectory();
        Command.Run("truncate", "-s", "400M", directory["image"]);
        Command.Run("mkfs.xfs", "-q", "-m", "reflink=1", directory["image"]);
        Directory.CreateDirectory(directory["mount"]);
        var mounted = Command.Try(new Dictionary<string, string>(), "mount", "-o", "loop", directory["image"], directory["mount"]);
        Skip.If(mounted.ExitCode != 0, $"NO LOOP DEVICE: {mounted.Error}");
        try
        {
            using var lab = OverlayLab.OnSmallStoreBelow(directory["mount"]);
            var path = lab.AddTree("new");

            var result = new Publication(lab).Run(path);

            Assert.Empty(result.Failures);
            Assert.Equal(PublicationMethod.Cloned, result.Published.Single().Method);
            lab.ExpectLower("new");
        }
        finally
        {
            // The overlay's own end may come a little later.
            Command.Run("umount", "-l", directory["mount"]);
        }
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 34)..];

    private static string Sql(StoreLocation store, string sql) => Command.Run("sqlite3", store.DatabasePath, sql);
}
