using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

public sealed class WriterTests : IDisposable
{
    private readonly SmallStore _store = new("a");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void The_log_is_kept_empty_after_closing_as_Nix_does()
    {
        using (var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None))
        {
            writer.Register([_store.Write("b", [])]);
            Assert.True(new FileInfo(_store.Location.DatabasePath + "-wal").Length > 0);
        }

        Assert.Equal(0, new FileInfo(_store.Location.DatabasePath + "-wal").Length);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        Assert.False(database.IsCopy);
    }

    [SkippableFact]
    public void The_database_stays_whole_and_in_its_journal_mode()
    {
        using (var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None))
        {
            writer.Register([_store.Write("b", [])]);
        }

        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        Assert.Equal("[('wal',)]", other.Ask("pragma journal_mode"));
        Assert.Equal("[('ok',)]", other.Ask("pragma integrity_check"));
        Assert.Equal("[]", other.Ask("pragma foreign_key_check"));
    }

    [Fact]
    public void The_schema_cannot_be_migrated_while_it_is_open()
    {
        using (StoreDatabaseWriter.Open(_store.Location, CancellationToken.None))
        {
            Assert.False(TryLockExclusively());
        }

        Assert.True(TryLockExclusively());
    }

    [Fact]
    public void A_migration_that_does_not_end_is_StoreLocked()
    {
        using var file = Posix.Open($"{_store.Location.StateDirectory}/db/big-lock", OpenFlags.ReadWrite);
        Assert.True(Posix.TryFlock(file, LockMode.Exclusive));

        var error = Assert.Throws<NixStoreException>(
            () => StoreDatabaseWriter.Open(_store.Location, CancellationToken.None, TimeSpan.FromMilliseconds(30)));

        Assert.Equal("StoreLocked", error.ErrorId);
    }

    [SkippableFact]
    public void A_writer_that_does_not_end_is_DatabaseBusy()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        other.Execute("begin immediate");
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None, TimeSpan.FromMilliseconds(30));

        Assert.Equal("DatabaseBusy", Assert.Throws<StoreDatabaseException>(() => writer.Register([_store.Write("b", [])])).ErrorId);

        other.Execute("rollback");
        writer.Register([_store.Write("b", [])]);
    }

    [SkippableFact]
    public void Waiting_for_a_writer_can_be_cancelled()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        other.Execute("begin immediate");
        using var cancellation = new CancellationTokenSource();
        using var writer = StoreDatabaseWriter.Open(_store.Location, cancellation.Token);

        cancellation.CancelAfter(TimeSpan.FromMilliseconds(30));

        Assert.ThrowsAny<OperationCanceledException>(() => writer.Register([_store.Write("b", [])]));
    }

    [Fact]
    public void Several_threads_take_turns()
    {
        using (var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None))
        {
            Parallel.For(0, 20, number => writer.Register([_store.Write($"p{number}", [SmallStore.PathOf("a")])]));
        }

        using var database = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal(20, database.FindReferrers(_store.Full("a")).Count);
    }

    [Fact]
    public void A_store_that_was_opened_read_only_is_refused()
    {
        var error = Assert.Throws<NixStoreException>(() => StoreDatabaseWriter.Open(_store.Location with { IsReadOnly = true }, CancellationToken.None));

        Assert.Equal(("StoreReadOnly", _store.Location.Url), (error.ErrorId, error.Target));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lost_database_is_not_made_anew(bool leaveEmpty)
    {
        File.Delete(_store.Location.DatabasePath);
        if (leaveEmpty)
        {
            File.WriteAllText(_store.Location.DatabasePath, "");
        }

        Assert.Equal("DatabaseNotFound", Assert.Throws<StoreDatabaseException>(
            () => StoreDatabaseWriter.Open(_store.Location, CancellationToken.None)).ErrorId);
        Assert.Equal(leaveEmpty, File.Exists(_store.Location.DatabasePath));
    }

    [SkippableFact]
    public void On_read_only_media_the_error_says_so() => MountNamespace.Run(space =>
    {
        space.MakeReadOnly(_store.Root);

        Assert.Equal("ReadOnlyFileSystem", Assert.Throws<StoreIOException>(
            () => StoreDatabaseWriter.Open(_store.Location, CancellationToken.None)).ErrorId);
    });

    [SkippableFact]
    public void A_full_disk_loses_nothing() => MountNamespace.Run(space =>
    {
        var small = Directory.CreateDirectory(_store.Beside("small")).FullName;
        space.MountMemory(small, "size=600k");
        var store = StoreLocator.Locate(small);
        StoreCreator.EnsureExists(store);
        var info = _store.Write("b", []).Info;
        var registered = 0;

        using (var writer = StoreDatabaseWriter.Open(store, CancellationToken.None))
        {
            var error = Assert.Throws<StoreDatabaseException>(() =>
            {
                for (; registered < 100_000; registered += 50)
                {
                    writer.Register([.. Enumerable.Range(registered, 50).Select(number => new PathRegistration(info with { Path = SmallStore.PathOf($"p{number}") }))]);
                }
            });
            Assert.Equal("DiskFull", error.ErrorId);
        }

        using var database = StoreDatabase.OpenForReading(store);
        Assert.InRange(registered, 50, 99_999);
        Assert.Equal(registered, database.CountPaths());
        Assert.Equal(registered, database.ReadPaths().Count());
    });

    private bool TryLockExclusively()
    {
        using var file = Posix.Open($"{_store.Location.StateDirectory}/db/big-lock", OpenFlags.ReadWrite);
        return Posix.TryFlock(file, LockMode.Exclusive);
    }
}
