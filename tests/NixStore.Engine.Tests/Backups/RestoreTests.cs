using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Backups;

public sealed class RestoreTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");
    private readonly string _backup;

    public RestoreTests() => _backup = DatabaseBackups.Make(_store.Location, _store.Beside("backups"), false, CancellationToken.None).Path;

    public void Dispose() => _store.Dispose();

    [Fact]
    public void What_is_as_it_was_stays_so()
    {
        var before = Rows();

        var restore = Restore();

        Assert.True(restore.IsApplied);
        Assert.Equal(3, restore.Rows);
        Assert.Empty(restore.Changes);
        Assert.Null(restore.UnreadableReason);
        Assert.Equal(before, Rows());
        ExpectSound();
    }

    [Fact]
    public void What_was_registered_since_is_taken_over_with_all_that_belongs_to_it()
    {
        _store.Add("d", SmallStore.PathOf("c"), SmallStore.PathOf("d"));
        _store.Add("e.drv", SmallStore.PathOf("d"));
        _store.Sql($"insert into DerivationOutputs select id, 'out', '{_store.Full("d")}' from ValidPaths where path like '%-e.drv';"
            + $"update ValidPaths set deriver = '{_store.Full("e.drv")}', ultimate = 1 where path like '%-d'");
        var before = Rows();

        var restore = Restore();

        Assert.Equal(
            [Change(StoreDatabaseChangeKind.TakenOver, "d"), Change(StoreDatabaseChangeKind.TakenOver, "e.drv")], restore.Changes.Order(ByName));
        Assert.Equal(before, Rows());
        ExpectSound();
    }

    [Fact]
    public void What_was_unregistered_since_returns_when_its_files_are_there()
    {
        var before = Rows();
        Forget("c", "b");

        var restore = Restore();

        Assert.Equal([Change(StoreDatabaseChangeKind.Returned, "b"), Change(StoreDatabaseChangeKind.Returned, "c")], restore.Changes.Order(ByName));
        Assert.Equal(before, Rows());
    }

    [Fact]
    public void What_was_deleted_since_does_not_come_back()
    {
        Forget("c");
        DeleteFiles("c");
        var before = Rows();

        var restore = Restore();

        Assert.Equal([Change(StoreDatabaseChangeKind.Dropped, "c", "its files are gone")], restore.Changes);
        Assert.Equal(before, Rows());
        ExpectSound();
    }

    [Fact]
    public void What_is_gone_but_needed_stays_and_says_by_whom()
    {
        _store.Add("d", SmallStore.PathOf("b"));
        DeleteFiles("b");

        var restore = Restore();

        Assert.Equal(Change(StoreDatabaseChangeKind.Missing, "b", $"'{First("c", "d")}' needs it, and 1 more"),
            restore.Changes.Single(change => change.Kind == StoreDatabaseChangeKind.Missing));
        Assert.Equal(4, restore.Rows);
        ExpectSound();

        string First(string one, string other) => new[] { _store.Full(one), _store.Full(other) }.Order(StringComparer.Ordinal).First();
    }

    [Fact]
    public void What_was_deleted_and_made_anew_since_has_its_new_row()
    {
        Forget("c");
        DeleteFiles("c");
        _store.Add("x");
        _store.Add("c", SmallStore.PathOf("x"));
        _store.Sql("update ValidPaths set registrationTime = registrationTime + 10 where path like '%-c'");
        var before = Rows();

        var restore = Restore();

        Assert.Equal(before, Rows());
        Assert.Contains(Change(StoreDatabaseChangeKind.TakenOver, "c", "it was registered anew after the backup was made"), restore.Changes);
        ExpectSound();
    }

    [Fact]
    public void What_was_registered_since_and_deleted_again_is_lost()
    {
        _store.Add("d");
        DeleteFiles("d");

        Assert.Equal([Change(StoreDatabaseChangeKind.Lost, "d", "its files are gone")], Restore().Changes);
    }

    [Fact]
    public void A_row_that_is_malformed_is_not_taken_over_nor_what_refers_to_it()
    {
        _store.Add("d");
        _store.Add("e", SmallStore.PathOf("d"));
        _store.Sql("update ValidPaths set hash = 'sha256:zz' where path like '%-d'");

        var lost = Restore().Changes.OrderBy(change => change.Path, StringComparer.Ordinal).ToDictionary(change => change.Path);

        Assert.Equal(StoreDatabaseChangeKind.Lost, lost[_store.Full("d")].Kind);
        Assert.Equal("its row is malformed: the registered hash is malformed; its files stay, without a row", lost[_store.Full("d")].Reason);
        Assert.Equal($"it refers to '{_store.Full("d")}', whose row cannot be taken over; its files stay, without a row", lost[_store.Full("e")].Reason);
        Assert.Equal(2, lost.Count);
        ExpectSound();
    }

    [Fact]
    public void A_row_with_a_dangling_reference_is_not_taken_over()
    {
        _store.Add("d");
        _store.Sql("pragma foreign_keys = off; insert into Refs select id, 999 from ValidPaths where path like '%-d'");

        Assert.Equal("it refers to the row 999, which cannot be found; its files stay, without a row", Assert.Single(Restore().Changes).Reason);
    }

    [Fact]
    public void Files_without_a_row_are_told_but_locks_and_leftovers_are_not()
    {
        _store.Write("stray", []);
        File.WriteAllText(_store.Location.RealPathOf(SmallStore.PathOf("a")) + ".lock", "");
        File.WriteAllText($"{_store.Location.RealDirectory}/tmp-1-2", "");

        Assert.Equal([Change(StoreDatabaseChangeKind.Unregistered, "stray")], Restore().Changes);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("header")]
    [InlineData("directory")]
    [InlineData("schema")]
    public void A_database_that_is_lost_comes_back(string damage)
    {
        var before = Rows();
        _store.Add("d");
        var database = _store.Location.DatabasePath;
        switch (damage)
        {
            case "missing":
                File.Delete(database);
                File.WriteAllText(database + "-wal", "of a database that is lost");
                break;
            case "empty":
                File.WriteAllBytes(database, []);
                break;
            case "header":
                File.WriteAllBytes(database, [.. new byte[4096], .. File.ReadAllBytes(database)[4096..]]);
                break;
            case "directory":
                Directory.Delete(Path.GetDirectoryName(database)!, recursive: true);
                break;
            default:
                File.Delete(_store.Location.SchemaPath);
                File.WriteAllText(database, "not a database");
                break;
        }

        var restore = Restore();

        Assert.NotNull(restore.UnreadableReason);
        Assert.Equal(3, restore.ReturnedCount);
        Assert.Contains(Change(StoreDatabaseChangeKind.Unregistered, "d"), restore.Changes);
        Assert.Equal(before, Rows());
        Assert.Equal("10", File.ReadAllText(_store.Location.SchemaPath));
        Assert.Equal(damage is "directory", restore.ReplacedDatabase is null);
        Assert.False(File.Exists(database + "-wal"));
        ExpectSound();
    }

    [Fact]
    public void The_beginning_of_a_table_that_breaks_off_is_used_as_well_as_its_end()
    {
        for (var i = 0; i < 60; i++)
        {
            _store.Add($"more-{i:00}");
        }

        DamageLeaf();

        var restore = Restore();

        Assert.NotNull(restore.UnreadableReason);
        Assert.InRange(restore.TakenOverCount, 5, 59);
        Assert.Equal(60, restore.TakenOverCount + restore.UnregisteredCount);
        Assert.Contains(Change(StoreDatabaseChangeKind.TakenOver, "more-59"), restore.Changes);
        ExpectSound();
    }

    [SkippableFact]
    public void What_is_in_a_log_that_a_crash_has_left_is_taken_over_and_set_aside()
    {
        var written = _store.Write("d", []);
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, $"insert into ValidPaths (path, hash, registrationTime, narSize) "
            + $"values ('{_store.Full("d")}', '{written.Info.NarHash.ToDatabaseString()}', 1, {written.Info.NarSize})");

        var restore = Restore();

        Assert.Equal([Change(StoreDatabaseChangeKind.TakenOver, "d")], restore.Changes);
        using var other = ForeignDatabase.Open($"{restore.ReplacedDatabase}/db.sqlite");
        Assert.Equal("[(4,)]", other.Ask("select count(*) from ValidPaths"));
        ExpectSound();
    }

    [Fact]
    public void The_old_database_is_set_aside_and_its_owner_and_mode_are_kept()
    {
        _store.Sql("create table Marked (x)");
        File.SetUnixFileMode(_store.Location.DatabasePath, (UnixFileMode)0x180);

        var restore = Restore();

        Assert.Equal($"{_store.Location.StateDirectory}/db", Path.GetDirectoryName(restore.ReplacedDatabase));
        Assert.StartsWith("replaced-2", Path.GetFileName(restore.ReplacedDatabase), StringComparison.Ordinal);
        Assert.Contains("Marked", File.ReadAllText($"{restore.ReplacedDatabase}/db.sqlite"), StringComparison.Ordinal);
        Assert.DoesNotContain("Marked", File.ReadAllText(_store.Location.DatabasePath), StringComparison.Ordinal);
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(_store.Location.DatabasePath));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries($"{_store.Location.StateDirectory}/db"), name => name.Contains("/tmp-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prediction_is_what_happens_and_changes_nothing()
    {
        _store.Add("d", SmallStore.PathOf("c"));
        Forget("d");
        _store.Add("e", SmallStore.PathOf("b"));
        DeleteFiles("b");
        var untouched = Untouched.Of(_store.Location);

        var predicted = DatabaseRestorer.Predict(_store.Location, _backup, false, CancellationToken.None);

        untouched.Verify();
        Assert.False(predicted.IsApplied);
        Assert.Null(predicted.ReplacedDatabase);
        var restored = Restore();
        Assert.Equal(predicted.Changes, restored.Changes);
        Assert.Equal(predicted.Rows, restored.Rows);
    }

    [Fact]
    public void An_empty_store_directory_is_refused_even_by_force()
    {
        DeleteFiles("a", "b", "c");
        var untouched = Watch();

        Assert.Throws<StoreDirectoryEmptyException>(() => Restore());
        Assert.Throws<StoreDirectoryEmptyException>(() => Restore(force: true));

        untouched.Verify();
        Directory.Delete(_store.Location.RealDirectory, recursive: true);
        Assert.Throws<StoreDirectoryEmptyException>(() => Restore());
    }

    [Fact]
    public void A_directory_that_lacks_most_is_refused_unless_that_is_wanted()
    {
        Forget("c", "b");
        DeleteFiles("b", "c");

        Assert.Equal("StoreDirectoryIncomplete", Assert.Throws<NixStoreException>(() => Restore()).ErrorId);
        Assert.Equal(2, Restore(force: true).DroppedCount);
    }

    [Fact]
    public void Whoever_has_the_store_open_is_waited_for()
    {
        var waited = 0;
        using (BigLock.AcquireShared(_store.Location, TimeSpan.Zero, CancellationToken.None))
        {
            var untouched = Watch();
            var error = Assert.Throws<NixStoreException>(() => DatabaseRestorer.Restore(
                _store.Location, _backup, false, TimeSpan.FromMilliseconds(20), () => waited++, CancellationToken.None));
            Assert.Equal(("StoreLocked", StoreErrorKind.Busy, 1), (error.ErrorId, error.Kind, waited));
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
            Assert.ThrowsAny<OperationCanceledException>(() => DatabaseRestorer.Restore(
                _store.Location, _backup, false, Timeout.InfiniteTimeSpan, null, cancellation.Token));
            untouched.Verify();
        }

        Assert.True(DatabaseRestorer.Restore(_store.Location, _backup, false, TimeSpan.Zero, () => waited++, CancellationToken.None).IsApplied);
        Assert.Equal(1, waited);
    }

    [SkippableFact]
    public void Who_has_the_database_open_without_Nixs_lock_is_in_the_way()
    {
        using (var other = ForeignDatabase.Open(_store.Location.DatabasePath))
        {
            other.Execute("select count(*) from ValidPaths");

            var error = Assert.Throws<StoreDatabaseException>(() => Restore());

            Assert.Equal(("DatabaseInUse", StoreErrorKind.Busy), (error.ErrorId, error.Kind));
        }

        Assert.True(Restore().IsApplied);
    }

    [Fact]
    public void A_backup_of_another_store_directory_is_refused()
    {
        var location = StoreLocator.Locate($"local?root={_store.Root}&store=/gnu/store");

        Assert.Equal("BackupOfOtherStore", Assert.Throws<NixStoreException>(
            () => DatabaseRestorer.Predict(location, _backup, false, CancellationToken.None)).ErrorId);
    }

    [Fact]
    public void A_newer_schema_and_a_read_only_store_are_refused()
    {
        Assert.Equal("StoreReadOnly", Assert.Throws<NixStoreException>(() => DatabaseRestorer.Restore(
            _store.Location with { IsReadOnly = true }, _backup, false, TimeSpan.Zero, null, CancellationToken.None)).ErrorId);
        File.WriteAllText(_store.Location.SchemaPath, "11");
        Assert.Equal("SchemaTooNew", Assert.Throws<StoreDatabaseException>(() => Restore()).ErrorId);
    }

    [Fact]
    public void A_damaged_backup_changes_nothing()
    {
        var bytes = File.ReadAllBytes(_backup);
        File.WriteAllBytes(_backup, bytes[..(bytes.Length / 2)]);
        var untouched = Watch();

        Assert.Equal("BackupDamaged", Assert.Throws<NixStoreException>(() => Restore()).ErrorId);

        untouched.Verify();
        Assert.Equal("PathNotFound", Assert.Throws<StoreIOException>(
            () => DatabaseRestorer.Predict(_store.Location, _backup + ".gone", false, CancellationToken.None)).ErrorId);
    }

    [Fact]
    public void One_that_was_killed_before_the_rename_is_taken_back_by_the_next()
    {
        var db = $"{_store.Location.StateDirectory}/db";
        Directory.CreateDirectory($"{db}/replaced-20260101T000000.000Z");
        Directory.CreateDirectory($"{db}/replaced-20260101T000001.000Z");
        Directory.CreateDirectory($"{db}/tmp-1-1/db");
        Command.Run("ln", _store.Location.DatabasePath, $"{db}/replaced-20260101T000000.000Z/db.sqlite");
        foreach (var log in Directory.EnumerateFiles(db, "db.sqlite-*"))
        {
            File.Move(log, $"{db}/replaced-20260101T000000.000Z/{Path.GetFileName(log)}");
        }

        var before = Rows();

        var restore = Restore();

        Assert.Equal(before, Rows());
        Assert.Equal([restore.ReplacedDatabase!], Directory.EnumerateDirectories(db));
    }

    [SkippableFact]
    public void A_log_that_a_killed_one_has_set_aside_comes_back_before_anything_else()
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, "delete from Refs", "delete from ValidPaths where id = 3");
        var db = $"{_store.Location.StateDirectory}/db";
        var aside = Directory.CreateDirectory($"{db}/replaced-20260101T000000.000Z").FullName;
        Command.Run("ln", _store.Location.DatabasePath, $"{aside}/db.sqlite");
        foreach (var log in Directory.EnumerateFiles(db, "db.sqlite-*"))
        {
            File.Move(log, $"{aside}/{Path.GetFileName(log)}");
        }

        // Without the log, the row would seem to be there, and nothing to return.
        Assert.Equal([Change(StoreDatabaseChangeKind.Returned, "c")], Restore().Changes);
    }

    private static Comparer<StoreDatabaseChange> ByName
        => Comparer<StoreDatabaseChange>.Create((one, other) => string.CompareOrdinal(one.Path[44..], other.Path[44..]));

    private StoreDatabaseChange Change(StoreDatabaseChangeKind kind, string name, string? reason = null) => new(kind, _store.Full(name), reason);

    private StoreDatabaseRestore Restore(bool force = false)
        => DatabaseRestorer.Restore(_store.Location, _backup, force, TimeSpan.Zero, null, CancellationToken.None);

    /// <summary>Not the database's directory, where the backup is unpacked meanwhile.</summary>
    private Untouched Watch() => new([_store.Location.RealDirectory, _store.Location.DatabasePath, _store.Location.SchemaPath]);

    private void Forget(params string[] names)
    {
        foreach (var name in names)
        {
            _store.Sql($"pragma foreign_keys = on; delete from ValidPaths where path = '{_store.Full(name)}'");
        }
    }

    private void DeleteFiles(params string[] names)
    {
        foreach (var name in names)
        {
            File.Delete(_store.Location.RealPathOf(SmallStore.PathOf(name)));
        }
    }

    /// <summary>Zeroes a leaf in the middle of table ValidPaths.</summary>
    private void DamageLeaf()
    {
        var bytes = File.ReadAllBytes(_store.Location.DatabasePath);
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(_store.Full("more-30") + "sha256:"));
        Assert.True(at > 0);
        bytes.AsSpan(at / 4096 * 4096, 4096).Clear();
        File.WriteAllBytes(_store.Location.DatabasePath, bytes);
    }

    private List<string> Rows()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return [.. database.ReadPaths().Select(row => string.Join(' ',
            [row.Path, row.Hash, $"{row.RegistrationTime} {row.NarSize} {row.Ultimate}", row.Deriver, row.Signatures, row.ContentAddress,
            .. row.References, .. database.FindOutputs(row.Path).Select(output => $"{output}")])).Order(StringComparer.Ordinal)];
    }

    private void ExpectSound()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        Assert.False(database.IsCopy);
        Assert.Empty(database.CheckIntegrity(CancellationToken.None));
        database.Dispose();

        // In journal mode WAL, as Nix wants it: 2 and 2 in the header (sqlite.org/fileformat.html §1.3.3).
        Assert.Equal([2, 2], File.ReadAllBytes(_store.Location.DatabasePath)[18..20]);
    }
}
