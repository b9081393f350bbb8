using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Database;

/// <summary>A store that another process has open and writes to: its rows are seen, it is not disturbed, only the -shm may change.</summary>
public sealed class LiveStoreTests : IDisposable
{
    private const string Insert = "insert into ValidPaths (path, hash, registrationTime, narSize) values ('{0}', 'sha256:"
        + "1b8ff2b2ad7ca7a1ba0ae1aaf9a9dbe1b8ff2b2ad7ca7a1ba0ae1aaf9a9dbe00', 1, 120)";

    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [SkippableFact]
    public void Rows_that_are_in_the_log_only_are_seen_and_nothing_is_changed()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        Add(other, "d");
        var untouched = Untouched.Of(_store.Location, "-shm");

        using (var database = StoreDatabase.OpenForReading(_store.Location))
        {
            Assert.False(database.IsCopy);
            Assert.Equal(_store.Full("d"), PathLister.Open(database).List().Last().Path);
        }

        untouched.Verify();
        Add(other, "e");
    }

    [SkippableFact]
    public void One_reading_sees_one_state_and_the_writer_goes_on()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        Add(other, "d");
        using var database = StoreDatabase.OpenForReading(_store.Location);
        using (var rows = database.ReadPaths().GetEnumerator())
        {
            Assert.True(rows.MoveNext());

            Add(other, "e");
            other.Execute("delete from Refs");

            var seen = new List<PathRow> { rows.Current };
            while (rows.MoveNext())
            {
                seen.Add(rows.Current);
            }

            Assert.Equal(4, seen.Count);
            Assert.Single(seen[1].References, _store.Full("a"));
        }

        Assert.Equal(5, database.CountPaths());
        Assert.Equal("[(0, 0, 0)]", other.Ask("pragma wal_checkpoint(truncate)"));
    }

    [SkippableFact]
    public void A_change_that_is_not_committed_is_not_seen()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        other.Execute("begin immediate");
        Add(other, "d");

        using var database = StoreDatabase.OpenForReading(_store.Location);

        Assert.Equal(3, database.CountPaths());
        other.Execute("commit");
        Assert.Equal(4, database.CountPaths());
    }

    [SkippableFact]
    public void Through_a_read_only_mount_the_log_is_seen_as_well()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        Add(other, "d");
        var untouched = Untouched.Of(_store.Location);

        MountNamespace.Run(space =>
        {
            space.MakeReadOnly(_store.Root);
            using var database = StoreDatabase.OpenForReading(_store.Location);
            Assert.Equal(4, database.ReadPaths().Count());
        });

        untouched.Verify();
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void A_store_that_real_Nix_has_just_written_to_is_read_in_its_place(string version)
    {
        var nix = RealNix.Require(version);
        File.WriteAllText(_store.Beside("file"), "x");
        nix.Store(_store.Location, "--add", _store.Beside("file"));
        var untouched = Untouched.Of(_store.Location);

        using (var database = StoreDatabase.OpenForReading(_store.Location))
        {
            Assert.False(database.IsCopy);
            Assert.Equal(4, database.ReadPaths().Count());
        }

        untouched.Verify();
    }

    [SkippableFact]
    public void A_store_in_the_middle_of_a_collection_by_real_Nix_is_read_beside_it()
    {
        using var collector = new PausedCollector(RealNix.Require(), _store.Location, 2, _store.Beside("."));
        var untouched = Untouched.Of(_store.Location, "-shm");

        using (var database = StoreDatabase.OpenForReading(_store.Location))
        {
            Assert.False(database.IsCopy);
            Assert.Equal(3, PathLister.Open(database).List().Count());
        }

        untouched.Verify();
        collector.Finish();
        using var afterwards = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal(0, afterwards.CountPaths());
    }

    [Fact]
    public void A_writer_of_this_process_is_another_one_too()
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);
        writer.Register([_store.Write("d", [])]);

        using var database = StoreDatabase.OpenForReading(_store.Location);

        Assert.False(database.IsCopy);
        Assert.Equal(4, database.CountPaths());
    }

    private void Add(ForeignDatabase other, string name) => other.Execute(string.Format(Insert, _store.Full(name)));
}
