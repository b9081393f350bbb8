using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

/// <summary>
/// Snapshots, crashes and backups: nobody has the database open, but rows wait in its log. They are read from a copy, nothing is changed.
/// </summary>
public sealed class LeftOverLogTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_in_the_log_of_a_killed_writer_are_seen(bool keepShared)
    {
        KillWriter("update ValidPaths set registrationTime = 4711");
        if (!keepShared)
        {
            File.Delete(_store.Location.DatabasePath + "-shm");
        }

        Assert.Equal([4711L, 4711L, 4711L], Read().Select(row => row.RegistrationTime!.Value));
    }

    [SkippableFact]
    public void Of_a_torn_log_what_was_committed_is_seen()
    {
        KillWriter("update ValidPaths set registrationTime = 4711", "update ValidPaths set registrationTime = 4712");
        using (var log = File.OpenWrite(_store.Location.DatabasePath + "-wal"))
        {
            log.SetLength(log.Length - 100);
        }

        Assert.Equal([4711L, 4711L, 4711L], Read().Select(row => row.RegistrationTime!.Value));
    }

    [SkippableFact]
    public void A_log_of_garbage_hides_nothing()
    {
        KillWriter("pragma wal_checkpoint(truncate)");
        File.WriteAllBytes(_store.Location.DatabasePath + "-wal", Enumerable.Repeat((byte)0x5a, 5000).ToArray());

        Assert.Equal(3, Read().Count);
    }

    [SkippableFact]
    public void A_log_beside_an_empty_file_is_kept_for_the_rescue()
    {
        KillWriter("vacuum");
        File.WriteAllBytes(_store.Location.DatabasePath, []);
        var untouched = Untouched.Of(_store.Location);

        Assert.Equal("DatabaseEmpty", Assert.Throws<StoreDatabaseException>(() => StoreDatabase.OpenForReading(_store.Location)).ErrorId);

        untouched.Verify();
    }

    [SkippableFact]
    public void A_hot_journal_is_rolled_back_in_the_copy_only()
    {
        using (var other = ForeignDatabase.Open(_store.Location.DatabasePath))
        {
            other.Execute("pragma journal_mode = delete");
            other.Execute("create table Large as with n(x) as (select 1 union all select x + 1 from n where x < 2000) select x, zeroblob(1000) from n");
            other.Execute("pragma cache_size = 10");
            other.Execute("begin immediate");
            other.Execute("update ValidPaths set registrationTime = 4711");
            other.Execute("delete from Large");
            other.Kill();
        }

        Assert.True(new FileInfo(_store.Location.DatabasePath + "-journal").Length > 0);
        Assert.DoesNotContain(4711L, Read().Select(row => row.RegistrationTime!.Value));
    }

    [SkippableFact]
    public void A_snapshot_on_read_only_media_is_read_with_its_log()
    {
        KillWriter("update ValidPaths set registrationTime = 4711");
        var untouched = Untouched.Of(_store.Location);

        MountNamespace.Run(space =>
        {
            space.MakeReadOnly(_store.Root);
            using var database = StoreDatabase.OpenForReading(_store.Location);
            Assert.Equal([4711L, 4711L, 4711L], database.ReadPaths().Select(row => row.RegistrationTime!.Value));
        });

        untouched.Verify();
    }

    private void KillWriter(params string[] statements) => ForeignDatabase.RunAndKill(_store.Location.DatabasePath, statements);

    private List<PathRow> Read()
    {
        var untouched = Untouched.Of(_store.Location);
        List<PathRow> rows;
        using (var database = StoreDatabase.OpenForReading(_store.Location))
        {
            Assert.True(database.IsCopy);
            rows = [.. database.ReadPaths()];
        }

        untouched.Verify();
        return rows;
    }
}
