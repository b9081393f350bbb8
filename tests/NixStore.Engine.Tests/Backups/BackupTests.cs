using System.Text;
using NixStore.Engine.Backups;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Tests.Backups;

public sealed class BackupTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void It_says_what_it_is_and_is_listed()
    {
        var before = DateTimeOffset.UtcNow;

        var backup = Make();

        Assert.Equal((_store.Location.Url, "/nix/store", Environment.MachineName, (int?)10, 3L), (backup.Store, backup.StoreDirectory, backup.Host, backup.Schema, backup.Rows));
        Assert.True(backup.Created >= before && backup.Created <= DateTimeOffset.UtcNow);
        Assert.True(backup.IsSound);
        Assert.True(backup.Verified);
        Assert.Equal(new FileInfo(backup.Path).Length, backup.Size);
        Assert.Equal(backup.Path, $"{DatabaseBackups.DirectoryOf(_store.Location)}/{backup.Id}.sqlite.gz");
        Assert.Equal(backup with { Verified = null }, Assert.Single(List()) with { Findings = backup.Findings });
        Assert.Single(Directory.EnumerateFileSystemEntries(DatabaseBackups.DirectoryOf(_store.Location)));
    }

    [SkippableFact]
    public void Gunzip_gets_the_database_out_of_it()
    {
        Skip.IfNot(Command.Exists("gunzip") && Command.Exists("python3"), "TOOLS MISSING: gunzip, python3");
        var backup = Make();
        var database = _store.Beside("out.sqlite");

        Command.Run("/bin/sh", "-c", "gunzip -c \"$0\" > \"$1\"", backup.Path, database);

        Assert.Equal(backup.DatabaseSize, new FileInfo(database).Length);
        Assert.StartsWith(backup.Digest, Command.Run("sha256sum", database), StringComparison.Ordinal);
        using var other = ForeignDatabase.Open(database);
        Assert.Equal("[('ok',)]", other.Ask("pragma integrity_check"));
        Assert.Equal("[(3,)]", other.Ask("select count(*) from ValidPaths"));
    }

    [Fact]
    public void The_store_is_not_touched()
    {
        var untouched = Untouched.Of(_store.Location);

        Make(_store.Beside("backups"));

        untouched.Verify();
    }

    [SkippableFact]
    public void Beside_a_writer_it_has_what_is_committed()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        other.Execute("insert into ValidPaths (path, hash, registrationTime, narSize) values ('/nix/store/committed', 'x', 1, 1)");
        other.Execute("begin immediate");
        other.Execute("insert into ValidPaths (path, hash, registrationTime, narSize) values ('/nix/store/not-committed', 'x', 1, 1)");

        var backup = Make();

        Assert.Equal(4, backup.Rows);
        other.Execute("commit");
        Assert.Equal(5, Make().Rows);
    }

    [SkippableFact]
    public void A_log_that_a_crash_has_left_is_in_it()
    {
        ForeignDatabase.RunAndKill(_store.Location.DatabasePath, "delete from Refs", "delete from ValidPaths where id = 3");

        Assert.Equal(2, Make().Rows);
    }

    [Fact]
    public void A_damaged_database_is_not_backed_up_unless_that_is_wanted()
    {
        BreakReferences();

        var error = Assert.Throws<NixStoreException>(() => Make());

        Assert.Equal(("DatabaseNotSound", StoreErrorKind.InvalidData), (error.ErrorId, error.Kind));
        Assert.Empty(Directory.EnumerateFileSystemEntries(DatabaseBackups.DirectoryOf(_store.Location)));
        var backup = DatabaseBackups.Make(_store.Location, DatabaseBackups.DirectoryOf(_store.Location), acceptDamage: true, CancellationToken.None);
        Assert.False(backup.IsSound);
        Assert.Contains("refers to a row of ValidPaths that does not exist", Assert.Single(Assert.Single(List()).Findings), StringComparison.Ordinal);
        Assert.Equal("BackupNotSound", Assert.Throws<NixStoreException>(
            () => DatabaseRestorer.Predict(_store.Location, backup.Path, false, CancellationToken.None)).ErrorId);
    }

    [Fact]
    public void What_a_killed_one_has_left_is_no_backup_and_goes_with_the_next()
    {
        var directory = Directory.CreateDirectory(DatabaseBackups.DirectoryOf(_store.Location)).FullName;
        Directory.CreateDirectory($"{directory}/tmp-1-1abc/db");
        File.WriteAllText($"{directory}/tmp-1-1abc/db/db.sqlite", "half");
        using var opened = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var running = StagingDirectory.Create(opened);
        Assert.Empty(List());

        Make();

        Assert.Single(List());
        Assert.Equal(
            [.. List().Select(backup => Path.GetFileName(backup.Path)), Path.GetFileName(running.Directory.Path)],
            Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
    }

    [Fact]
    public void Every_changed_byte_of_the_contents_is_noticed()
    {
        var backup = Make(_store.Beside("backups"));
        var good = File.ReadAllBytes(backup.Path);
        var body = Array.IndexOf(good, (byte)0, 10) + 1;
        for (var at = body; at < good.Length; at += Math.Max(1, (good.Length - body) / 40))
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= 0x10;
            File.WriteAllBytes(backup.Path, bad);
            ExpectDamaged(backup);
        }
    }

    [Fact]
    public void A_file_that_was_cut_off_is_noticed_wherever_that_was()
    {
        var backup = Make(_store.Beside("backups"));
        var good = File.ReadAllBytes(backup.Path);
        foreach (var length in new[] { good.Length - 1, good.Length - 9, good.Length / 2, Array.IndexOf(good, (byte)0, 10) + 1 })
        {
            File.WriteAllBytes(backup.Path, good[..length]);
            ExpectDamaged(backup);
        }

        foreach (var length in new[] { 0, 9, 50 })
        {
            File.WriteAllBytes(backup.Path, good[..length]);
            Assert.Equal("BackupDamaged", Assert.Throws<NixStoreException>(() => DatabaseBackups.Read(backup.Path)).ErrorId);
        }
    }

    [Fact]
    public void Files_that_are_no_backups_are_an_error_each_and_the_rest_is_listed()
    {
        var backup = Make();
        var directory = DatabaseBackups.DirectoryOf(_store.Location);
        File.WriteAllText($"{directory}/0.sqlite.gz", "nothing of the kind");
        File.WriteAllText($"{directory}/readme.txt", "not even called so");
        var errors = new List<NixStoreException>();

        var listed = DatabaseBackups.List(directory, errors.Add).ToList();

        Assert.Equal(backup.Path, Assert.Single(listed).Path);
        Assert.Equal(("BackupDamaged", $"{directory}/0.sqlite.gz"), (Assert.Single(errors).ErrorId, errors[0].Target));
        Assert.Empty(DatabaseBackups.List($"{directory}/nowhere", errors.Add));
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":2", "BackupTooNew")]
    [InlineData("\"version\":1", "\"version\":x", "BackupDamaged")]
    [InlineData("\"version\"", "\"vision\":1,\"v\"", "BackupDamaged")]
    [InlineData("\"store\"", "\"shop\"", "BackupDamaged")]
    [InlineData("\"findings\":[]", "\"findings\":null", "BackupDamaged")]
    public void A_head_of_another_kind_is_refused(string old, string replacement, string errorId)
    {
        var backup = Make(_store.Beside("backups"));
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(backup.Path));
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllBytes(backup.Path, Encoding.Latin1.GetBytes(text.Replace(old, replacement, StringComparison.Ordinal)));

        Assert.Equal(errorId, Assert.Throws<NixStoreException>(() => DatabaseBackups.Read(backup.Path)).ErrorId);
    }

    [Fact]
    public void A_read_only_store_is_backed_up_elsewhere()
    {
        var location = _store.Location with { IsReadOnly = true };

        Assert.Equal("StoreReadOnly", Assert.Throws<NixStoreException>(
            () => DatabaseBackups.Make(location, DatabaseBackups.DirectoryOf(location), false, CancellationToken.None)).ErrorId);
        Assert.Equal(3, DatabaseBackups.Make(location, _store.Beside("backups"), false, CancellationToken.None).Rows);
    }

    [Fact]
    public void A_store_without_a_database_has_nothing_to_back_up()
    {
        File.Delete(_store.Location.DatabasePath);

        Assert.Equal("DatabaseNotFound", Assert.Throws<StoreDatabaseException>(() => Make()).ErrorId);
        Assert.False(Directory.Exists(DatabaseBackups.DirectoryOf(_store.Location)));
    }

    [Fact]
    public void Names_that_are_not_ASCII_are_kept()
    {
        using var store = new SmallStore("a");
        var root = Directory.CreateDirectory(store.Beside("Größe")).FullName;
        var location = StoreLocator.Locate($"local?root={root}");
        StoreCreator.EnsureExists(location);

        var backup = DatabaseBackups.Make(location, store.Beside("Köpfe"), false, CancellationToken.None);

        Assert.Equal(location.Url, DatabaseBackups.Read(backup.Path).Store);
        Assert.True(DatabaseBackups.Verify(backup, CancellationToken.None).Verified);
    }

    private static void ExpectDamaged(StoreDatabaseBackup backup)
        => Assert.Equal("BackupDamaged", Assert.Throws<NixStoreException>(() => DatabaseBackups.Verify(backup, CancellationToken.None)).ErrorId);

    private void BreakReferences() => _store.Sql("pragma foreign_keys = off; insert into Refs (referrer, reference) values (1, 999)");

    private StoreDatabaseBackup Make(string? directory = null)
        => DatabaseBackups.Make(_store.Location, directory ?? DatabaseBackups.DirectoryOf(_store.Location), false, CancellationToken.None);

    private List<StoreDatabaseBackup> List()
        => [.. DatabaseBackups.List(DatabaseBackups.DirectoryOf(_store.Location), error => Assert.Fail(error.Message))];
}
