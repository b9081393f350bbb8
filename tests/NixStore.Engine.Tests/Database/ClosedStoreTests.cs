using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Database;

/// <summary>A store that no process has open is read in its place, and not a byte or a timestamp of it changes.</summary>
public sealed class ClosedStoreTests
{
    [SkippableFact]
    public void Looking_at_everything_changes_nothing()
    {
        using var store = LabStore.Signed();
        var (app, derivation) = (store.PathOf("app-2.0"), store.PathOf("app-2.0.drv"));
        var untouched = Untouched.Of(store.Location);

        using (var database = StoreDatabase.OpenForReading(store.Location))
        {
            Assert.False(database.IsCopy);
            var lister = PathLister.Open(database);
            Assert.Equal(75, lister.List().Count());
            Assert.Empty(lister.ListUnregistered());
            Assert.NotEmpty(database.FindReferrers(app));
            Assert.NotEmpty(database.FindDerivers(app));
            Assert.NotEmpty(database.FindOutputs(derivation));
            Assert.NotNull(database.FindByHashPart(app[11..43]));
        }

        untouched.Verify();
    }

    [SkippableFact]
    public void A_store_on_read_only_media_is_read_in_its_place()
    {
        using var store = new SmallStore("a", "b");
        var untouched = Untouched.Of(store.Location);

        MountNamespace.Run(space =>
        {
            space.MakeReadOnly(store.Root);
            using var database = StoreDatabase.OpenForReading(store.Location);
            Assert.False(database.IsCopy);
            Assert.Equal(2, PathLister.Open(database).List().Count(path => path.State == StorePathState.Valid));
        });

        untouched.Verify();
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("100%25&mode=rwc?immutable=0#x;y")]
    [InlineData("päth 日本語")]
    [InlineData("quote'\"|DataDirectory|")]
    public void The_directory_may_have_any_name(string name)
    {
        using var directory = new TemporaryDirectory();
        using var made = new SmallStore("a");
        Directory.Move(made.Root, directory[name]);

        using var database = StoreDatabase.OpenForReading(made.Location with
        {
            RealDirectory = directory[name] + "/nix/store", StateDirectory = directory[name] + "/nix/var/nix",
        });

        Assert.Equal(1, PathLister.Open(database).List().Count(path => path.State == StorePathState.Valid));
    }

    [SkippableFact]
    public void Whoever_opens_it_meanwhile_leaves_the_file_as_it_is_until_we_are_done()
    {
        using var store = new SmallStore("a", "b", "c");
        using (var database = StoreDatabase.OpenForReading(store.Location))
        {
            using var rows = database.ReadPaths().GetEnumerator();
            Assert.True(rows.MoveNext());

            using (var other = ForeignDatabase.Open(store.Location.DatabasePath))
            {
                other.Execute("delete from Refs");
                other.Execute("delete from ValidPaths");
            }

            Assert.True(rows.MoveNext());
            Assert.True(rows.MoveNext());
            Assert.False(rows.MoveNext());
            Assert.Equal(3, database.CountPaths());
        }

        using var again = StoreDatabase.OpenForReading(store.Location);
        Assert.True(again.IsCopy);
        Assert.Equal(0, again.CountPaths());
    }

    [SkippableFact]
    public void When_the_last_of_several_readers_is_done_the_log_can_be_moved_into_the_file_again()
    {
        using var store = new SmallStore("a");
        using var unrelated = new SmallStore();
        using var keepsDescriptorsOpen = StoreDatabase.OpenForReading(unrelated.Location);
        var one = StoreDatabase.OpenForReading(store.Location);
        var two = StoreDatabase.OpenForReading(store.Location);

        one.Dispose();
        WriteAndClose();
        Assert.True(Log() > 0);
        two.Dispose();
        two.Dispose();
        WriteAndClose();
        Assert.Equal(0, Log());

        void WriteAndClose()
        {
            using var other = ForeignDatabase.Open(store.Location.DatabasePath);
            other.Execute("update ValidPaths set registrationTime = registrationTime + 1");
        }

        long Log() => new FileInfo(store.Location.DatabasePath + "-wal") is { Exists: true } log ? log.Length : 0;
    }

    [SkippableFact]
    public void A_file_that_is_changed_under_us_by_force_is_read_again()
    {
        using var store = new SmallStore("a", "b");
        using var database = StoreDatabase.OpenForReading(store.Location);
        Command.Run("/bin/sh", "-c", "cp \"$0\" \"$0.copy\" && sqlite3 \"$0.copy\" \"delete from Refs; delete from ValidPaths where path like '%-b'\" "
            + "&& cat \"$0.copy\" > \"$0\"", store.Location.DatabasePath);

        Assert.Single(database.ReadPaths());
    }

    [SkippableFact]
    public void A_log_that_is_moved_into_the_file_under_us_costs_no_row()
    {
        const int count = 3500;
        using var store = new SmallStore("a");
        using (var other = ForeignDatabase.Open(store.Location.DatabasePath))
        {
            other.Execute($"with recursive n(i) as (select 2 union all select i + 1 from n where i < {count}) insert into ValidPaths(path, hash, "
                + "registrationTime, narSize) select '/nix/store/' || printf('%032d', i) || '-x', 'sha256:00', 1, i from n");
        }

        using var database = StoreDatabase.OpenForReading(store.Location);
        var read = new List<PathRow>();
        foreach (var row in database.ReadPaths())
        {
            read.Add(row);
            if (read.Count % 1500 == 1)
            {
                using var other = ForeignDatabase.Open(store.Location.DatabasePath);
                other.Execute("update ValidPaths set registrationTime = registrationTime + 1");
                other.Execute("pragma wal_checkpoint");
            }
        }

        Assert.Equal(count, read.Count);
        Assert.True(read[^1].RegistrationTime > 1);
    }
}
