using NixStore.Engine.Collection;
using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;
using NixStore.Engine.Trash;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Trash;

/// <summary>What was collected into the trash comes back as it was, files and rows; what does not, is refused and stays.</summary>
public sealed class TrashTests
{
    private const string Dump =
        "select path,hash,registrationTime,deriver,narSize,ultimate,sigs,ca from ValidPaths order by path;"
        + "select a.path,b.path from Refs r join ValidPaths a on a.id=r.referrer join ValidPaths b on b.id=r.reference order by 1,2;"
        + "select a.path,o.id,o.path from DerivationOutputs o join ValidPaths a on a.id=o.drv order by 1,2;";

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Everything_comes_back_as_it_was(bool optimised)
    {
        using var store = new StoreUnderTest(optimised);
        File.WriteAllText($"{store.Location.RealDirectory}/0000000000000000000000000000000a-orphan", "nobody's");
        var before = (StoreContents.HashBelow(store.Location.RealDirectory), Rows(store));

        var collection = Collect(store);

        Assert.True(collection.Trashed);
        Assert.True(collection.RemovedCount > 20);
        Assert.Equal(collection.RemovedCount, StoreTrash.List(store.Location, Unexpected).Count());
        Assert.NotEqual(before, (StoreContents.HashBelow(store.Location.RealDirectory), Rows(store)));
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);

        var restored = RestoreAll(store);

        Assert.All(restored, result => Assert.Equal(TrashOutcome.Restored, result.Outcome));
        Assert.Equal(collection.RemovedCount, restored.Count);
        Assert.Equal(before, (StoreContents.HashBelow(store.Location.RealDirectory), Rows(store)));
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
        Assert.Empty(StoreTrash.List(store.Location, Unexpected));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{store.Root}/nix/.nixstore-trash"));
        Assert.Contains(collection.Id, string.Join('\n', Directory.EnumerateFiles(CollectionJournal.DirectoryOf(store.Location, trash: false))));
    }

    [SkippableFact]
    public void A_path_brings_what_it_needs_and_nothing_else()
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf("garbage-top");
        Collect(store);

        using (var restorer = TrashRestorer.Open(store.Location, false, Unexpected, CancellationToken.None))
        {
            var results = new List<StoreTrashResult>();
            restorer.Restore(path, results.Add);

            // References first.
            Assert.Equal(path, results[^1].Path);
            Assert.Contains(results, result => result.Path.EndsWith("-garbage", StringComparison.Ordinal));
        }

        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
        Assert.Contains(StoreTrash.List(store.Location, Unexpected), item => item.Name == "plain1.txt");
    }

    [SkippableFact]
    public void What_was_damaged_in_the_trash_is_not_restored_unless_that_is_wanted()
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf("plain3.txt");
        Collect(store);
        var item = StoreTrash.List(store.Location, Unexpected).Single(item => item.Path == path);
        Command.Run("/bin/sh", "-c", $"chmod u+w '{item.RealPath}'; echo x >> '{item.RealPath}'; chmod u-w '{item.RealPath}'");

        using (var restorer = TrashRestorer.Open(store.Location, false, Unexpected, CancellationToken.None))
        {
            var error = Assert.Throws<NixStoreException>(() => restorer.Restore(path, _ => { }));
            Assert.Equal("TrashDamaged", error.ErrorId);
        }

        Assert.True(File.Exists(item.RealPath));
        Assert.False(File.Exists(store.Location.RealDirectory + "/" + Path.GetFileName(path)));
        using (var restorer = TrashRestorer.Open(store.Location, true, Unexpected, CancellationToken.None))
        {
            restorer.Restore(path, _ => { });
        }

        Assert.True(File.Exists(store.Location.RealDirectory + "/" + Path.GetFileName(path)));
    }

    [SkippableFact]
    public void What_a_path_needs_must_be_somewhere()
    {
        using var store = new StoreUnderTest(optimised: false);
        var (top, needed) = (store.PathOf("garbage-top"), store.PathOf("garbage"));
        Collect(store);
        TrashCleaner.Clear(store.Location, item => item.Path == needed, 2, _ => { }, Unexpected, CancellationToken.None);

        using var restorer = TrashRestorer.Open(store.Location, false, Unexpected, CancellationToken.None);
        var error = Assert.Throws<NixStoreException>(() => restorer.Restore(top, _ => { }));

        Assert.Equal("ReferenceNotInTrash", error.ErrorId);
        Assert.Contains(needed, error.Message, StringComparison.Ordinal);
        Assert.Contains(StoreTrash.List(store.Location, Unexpected), item => item.Path == top);
    }

    [SkippableFact]
    public void What_an_interrupted_collection_left_in_the_store_is_restored_as_well()
    {
        using var store = new StoreUnderTest(optimised: false);
        var before = (StoreContents.HashBelow(store.Location.RealDirectory), Rows(store));
        Collect(store);
        var item = StoreTrash.List(store.Location, Unexpected).First(item => item.Name == "plain3.txt");
        Command.Run("mv", item.RealPath, store.Location.RealDirectory);

        Assert.Equal(StoreTrashState.LeftInStore, StoreTrash.List(store.Location, Unexpected).Single(other => other.Path == item.Path).State);
        RestoreAll(store);

        Assert.Equal(before, (StoreContents.HashBelow(store.Location.RealDirectory), Rows(store)));
    }

    [SkippableFact]
    public void Clearing_frees_what_nothing_else_shares_and_leaves_a_record()
    {
        using var store = new StoreUnderTest(optimised: true);
        var collection = Collect(store);
        var links = Directory.GetFileSystemEntries(store.Location.LinksDirectory).Length;

        var results = new List<StoreTrashResult>();
        var freed = TrashCleaner.Clear(store.Location, _ => true, 2, results.Add, Unexpected, CancellationToken.None);

        Assert.Equal(collection.FreedBytes, freed);
        Assert.Equal(collection.RemovedCount, results.Count(result => result.Outcome == TrashOutcome.Cleared));
        Assert.True(Directory.GetFileSystemEntries(store.Location.LinksDirectory).Length < links);
        Assert.Empty(StoreTrash.List(store.Location, Unexpected));
        Assert.True(File.Exists($"{CollectionJournal.DirectoryOf(store.Location, trash: false)}/{collection.Id}.jsonl"));
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    private static StoreCollection Collect(StoreUnderTest store) => Collector.Collect(
        store.Location,
        new CollectionRequest
        {
            Settings = new LivenessSettings(), Trash = true, Workers = 2, Failed = Unexpected,
            Choose = survey => GarbagePlanner.Everything(survey, 2, CancellationToken.None),
        },
        CancellationToken.None);

    private static List<StoreTrashResult> RestoreAll(StoreUnderTest store)
    {
        using var restorer = TrashRestorer.Open(store.Location, false, Unexpected, CancellationToken.None);
        var results = new List<StoreTrashResult>();
        foreach (var item in StoreTrash.List(store.Location, Unexpected).ToList().Where(item => !restorer.HasRestored(item.Path)))
        {
            restorer.Restore(item.Path, results.Add);
        }

        return results;
    }

    private static string Rows(StoreUnderTest store) => Command.Run("sqlite3", store.Location.DatabasePath, Dump);

    private static void Unexpected(NixStoreException error) => Assert.Fail(error.Message);
}
