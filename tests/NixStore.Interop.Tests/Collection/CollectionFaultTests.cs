using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>Collections where it is needed most, or made hardest: on a full disk, on a read-only bind mount, beside another collection.</summary>
public sealed class CollectionFaultTests
{
    private const string FullDisk = """
        disk=$(mktemp -d); mount -t tmpfs -o size=64m tmpfs "$disk"; cp -a "$0/nix" "$disk/"
        [ -e "$disk/nix/var/nix/db/reserved" ] || head -c 8M /dev/zero > "$disk/nix/var/nix/db/reserved"
        cat /dev/zero > "$disk/filler" 2>/dev/null || true
        echo "free before: $(df --output=avail -k "$disk" | tail -1 | tr -d ' ')"
        set +e
        "$1" gc --store "$disk" --json 2>/dev/null | tail -1; echo "collected: exit code ${PIPESTATUS[0]}"
        "$1" verify --store "$disk" > /dev/null; echo "verified: exit code $?"
        echo "left: $(ls "$disk/nix/store" | wc -l)"
        """;

    private const string ReadOnly = """
        store=$0/nix/store
        mount --bind "$store" "$store"; mount -o remount,bind,ro,nosuid,nodev "$store"
        before=$(grep -F "$0" /proc/self/mounts)
        ( while [ ! -e "$0/done" ]; do touch "$store/probe" 2>/dev/null && echo "WRITABLE"; sleep 0.01; done ) & watcher=$!
        set +e
        "$1" gc --store "$0" > /dev/null 2>&1; echo "collected: exit code $?"
        set -e
        touch "$0/done"; wait $watcher || true
        [ "$before" = "$(grep -F "$0" /proc/self/mounts)" ] && echo "same mounts"
        touch "$store/probe" 2>/dev/null || echo "still read-only"
        """;

    [SkippableFact]
    public void A_disk_without_any_space_left_is_collected_by_the_help_of_the_reserve()
    {
        using var store = new StoreUnderTest(optimised: false);
        var expected = Expected(store);

        var output = MountScript.Run(FullDisk, store.Root, RescueProgram.Path);

        Assert.Contains("free before: 0\n", output, StringComparison.Ordinal);
        Assert.Contains("collected: exit code 0", output, StringComparison.Ordinal);
        Assert.Contains("verified: exit code 0", output, StringComparison.Ordinal);
        Assert.Contains($"left: {expected.Count}", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_read_only_bind_mount_is_collected_in_private()
    {
        using var store = new StoreUnderTest(optimised: false);
        var expected = Expected(store);

        var output = MountScript.Run(ReadOnly, store.Root, RescueProgram.Path);

        Assert.Contains("collected: exit code 0", output, StringComparison.Ordinal);
        Assert.Contains("same mounts", output, StringComparison.Ordinal);
        Assert.Contains("still read-only", output, StringComparison.Ordinal);
        Assert.DoesNotContain("WRITABLE", output, StringComparison.Ordinal);
        Assert.Equal(expected, Present(store));
    }

    [SkippableFact]
    public void A_collection_of_Nix_is_waited_for_and_leaves_nothing_to_do()
    {
        using var store = new StoreUnderTest(optimised: false);
        using var directory = new TemporaryDirectory();
        using var collector = Collecting.PauseNix(store.Root, 1, directory.Path);
        using var ours = Collecting.StartOurs(store.Root, "--json");
        var warning = ours.StandardError.ReadLine();
        while (warning?.Contains("waiting", StringComparison.Ordinal) == false)
        {
            warning = ours.StandardError.ReadLine();
        }

        Assert.NotNull(warning);
        Assert.False(ours.HasExited);
        collector.Finish();

        var result = Command.Finish(ours);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(0, Collecting.Total(result.Output, "removedCount"));
        Collecting.ExpectClean(store.Root);
    }

    [SkippableFact]
    public void A_disk_that_refuses_every_deletion_costs_no_row()
    {
        using var store = new StoreUnderTest(optimised: false);
        var before = StoreState.Read(store.Location);

        var run = TracedRun.RunInjecting([RescueProgram.Path, "gc", "--store", store.Root], "unlinkat:error=EIO");

        Assert.Equal(1, run.Result.ExitCode);
        Assert.Contains("Input/output error", run.Result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, StoreState.Read(store.Location));
    }

    [SkippableFact]
    public void What_is_registered_while_a_collection_begins_is_not_taken_for_a_leftover()
    {
        using var store = new StoreUnderTest(optimised: false);
        using var directory = new TemporaryDirectory();
        var path = store.Location.Directory.Parse(
            RescueProgram.Run([RescueProgram.Path, "gc", "--store", store.Root, "--print-dead"]).Output.Split('\n')[0]);
        var row = TakeOut(store, path, directory["aside"]);
        using (var roots = TemporaryRoots.Open(store.Location, CancellationToken.None))
        {
            roots.Add(path, CancellationToken.None);
            using var ours = StoppedCollection.Start(store, directory["trace"]);

            // What an import does after it has its temporary root; then its owner makes a permanent one, and ends.
            Directory.Move(directory["aside"], store.Location.RealPathOf(path));
            using (var database = StoreDatabaseWriter.Open(store.Location, CancellationToken.None))
            {
                database.Remember([row]);
            }

            File.CreateSymbolicLink($"{store.Location.StateDirectory}/gcroots/made-meanwhile", row.Path);
            roots.Dispose();
            Assert.Equal(0, ours.GoOn().ExitCode);
        }

        Assert.True(Directory.Exists(store.Location.RealPathOf(path)));
        Collecting.ExpectClean(store.Root);
    }

    /// <summary>Makes a path as if it had never been there; gives its row.</summary>
    private static ForgottenRow TakeOut(StoreUnderTest store, StorePath path, string aside)
    {
        using var reader = StoreDatabase.OpenForReading(store.Location);
        var id = reader.FindId(store.Location.Directory.Print(path))!.Value;
        using var database = StoreDatabaseWriter.Open(store.Location, CancellationToken.None);
        var row = database.ReadRows([id])[0];
        Assert.Empty(database.Forget([id]));
        Directory.Move(store.Location.RealPathOf(path), aside);
        return row;
    }

    /// <summary>What is alive.</summary>
    private static SortedSet<string> Expected(StoreUnderTest store)
        => Collecting.Names(RescueProgram.Run(RescueProgram.Alone(RescueProgram.Path, "gc", "--store", store.Root, "--print-live")).Output);

    private static IEnumerable<string> Present(StoreUnderTest store)
        => Directory.EnumerateFileSystemEntries(store.Location.RealDirectory).Select(entry => Path.GetFileName(entry)).Where(name => name[0] != '.').Order(StringComparer.Ordinal);
}
