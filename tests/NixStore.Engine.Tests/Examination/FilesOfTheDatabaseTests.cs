using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>The file of the database and those beside it.</summary>
public sealed class FilesOfTheDatabaseTests : IDisposable
{
    private readonly SmallStore _store = Examined.NewStore("a", "b", "c");

    private string Database => _store.Location.DatabasePath;

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_missing_database_is_told_with_what_is_at_stake()
    {
        File.Delete(Database);
        File.Delete(Database + "-wal");

        Expect(StoreDatabaseFindingKind.DatabaseMissing, StoreFindingSeverity.Error, "3 entries");
    }

    [Fact]
    public void An_empty_file_is_no_database()
    {
        File.WriteAllBytes(Database, []);
        Expect(StoreDatabaseFindingKind.DatabaseEmpty, StoreFindingSeverity.Error, "3 entries");
    }

    [Fact]
    public void A_database_without_tables_is_an_empty_one()
    {
        File.Delete(Database);
        Examined.Sql(_store.Location, "create table Other(x)");
        Expect(StoreDatabaseFindingKind.DatabaseEmpty, StoreFindingSeverity.Error, "none of a store's tables");
    }

    [Fact]
    public void What_is_no_database_is_told_once()
    {
        File.WriteAllText(Database, new string('x', 8192));
        Expect(StoreDatabaseFindingKind.DatabaseUnreadable, StoreFindingSeverity.Error, "3 entries");
    }

    [Fact]
    public void A_missing_schema_file_is_a_warning()
    {
        File.Delete(_store.Location.SchemaPath);
        Expect(StoreDatabaseFindingKind.SchemaMissing, StoreFindingSeverity.Warning);
    }

    [Theory]
    [InlineData("", StoreDatabaseFindingKind.SchemaDamaged, StoreFindingSeverity.Error)]
    [InlineData("ten", StoreDatabaseFindingKind.SchemaDamaged, StoreFindingSeverity.Error)]
    [InlineData("7", StoreDatabaseFindingKind.SchemaTooOld, StoreFindingSeverity.Warning)]
    [InlineData("11", StoreDatabaseFindingKind.SchemaTooNew, StoreFindingSeverity.Error)]
    public void A_wrong_schema_file_is_told(string text, StoreDatabaseFindingKind kind, StoreFindingSeverity severity)
    {
        File.WriteAllText(_store.Location.SchemaPath, text);
        Expect(kind, severity);
    }

    [Fact]
    public void Of_a_newer_schema_only_SQLites_checks_are_made()
    {
        File.WriteAllText(_store.Location.SchemaPath, "11");
        Examined.Sql(_store.Location, "update ValidPaths set hash = 'new form'; insert into Refs values (98, 99)");

        Assert.Equal([StoreDatabaseFindingKind.SchemaTooNew, StoreDatabaseFindingKind.ReferenceDangling], Examined.KindsOf(_store.Location));
    }

    [Fact]
    public void A_missing_reserve_is_information()
    {
        File.Delete($"{_store.Location.StateDirectory}/db/reserved");
        Expect(StoreDatabaseFindingKind.ReserveMissing, StoreFindingSeverity.Information);
    }

    [SkippableFact]
    public void A_missing_reserve_on_a_full_disk_is_a_warning() => MountNamespace.Run(space =>
    {
        space.MountMemory($"{_store.Location.StateDirectory}/db", "size=1m");
        File.WriteAllText(_store.Location.SchemaPath, "10");

        var findings = Examined.Of(_store.Location);

        Assert.Contains(findings, finding => finding is { Kind: StoreDatabaseFindingKind.ReserveMissing, Severity: StoreFindingSeverity.Warning });
    });

    [SkippableFact]
    public void A_log_that_waits_is_information_and_its_rows_are_examined()
    {
        ForeignDatabase.RunAndKill(Database, "update ValidPaths set sigs = 'nonsense' where id = 1");
        Assert.Equal([StoreDatabaseFindingKind.ColumnMalformed, StoreDatabaseFindingKind.LogPending], Examined.KindsOf(_store.Location));
    }

    [SkippableFact]
    public void A_torn_log_is_a_warning()
    {
        ForeignDatabase.RunAndKill(Database, "update ValidPaths set registrationTime = 4711", "update ValidPaths set registrationTime = 4712");
        using (var log = File.OpenWrite(Database + "-wal"))
        {
            log.SetLength(log.Length - 100);
        }

        Assert.Equal([StoreDatabaseFindingKind.LogPending, StoreDatabaseFindingKind.LogDamaged], Examined.KindsOf(_store.Location));
    }

    [SkippableFact]
    public void A_log_of_garbage_is_a_warning()
    {
        ForeignDatabase.RunAndKill(Database, "pragma wal_checkpoint(truncate)");
        File.WriteAllBytes(Database + "-wal", Enumerable.Repeat((byte)0x5a, 5000).ToArray());
        Expect(StoreDatabaseFindingKind.LogDamaged, StoreFindingSeverity.Warning, "ignores all of it");
    }

    [SkippableFact]
    public void A_log_beside_an_empty_file_is_told_as_well()
    {
        ForeignDatabase.RunAndKill(Database, "vacuum");
        File.WriteAllBytes(Database, []);
        Assert.Equal([StoreDatabaseFindingKind.DatabaseEmpty, StoreDatabaseFindingKind.LogPending], Examined.KindsOf(_store.Location));
    }

    [SkippableFact]
    public void A_hot_journal_and_the_wrong_mode_are_told()
    {
        using (var other = ForeignDatabase.Open(Database))
        {
            other.Execute("pragma journal_mode = delete");
            other.Execute("create table Large as with n(x) as (select 1 union all select x + 1 from n where x < 2000) select x, zeroblob(1000) from n");
            other.Execute("pragma cache_size = 10");
            other.Execute("begin immediate");
            other.Execute("delete from Large");
            other.Kill();
        }

        Assert.Contains(Examined.Of(_store.Location), finding => finding is { Kind: StoreDatabaseFindingKind.JournalHot, Severity: StoreFindingSeverity.Warning });
    }

    [Fact]
    public void A_rollback_journal_as_the_mode_is_information()
    {
        Examined.Sql(_store.Location, "pragma journal_mode = delete");
        Expect(StoreDatabaseFindingKind.JournalModeWrong, StoreFindingSeverity.Information);
    }

    [Fact]
    public void Many_free_pages_are_information()
    {
        Examined.Sql(_store.Location,
            "create table Large as with n(x) as (select 1 union all select x + 1 from n where x < 2000) select x, zeroblob(1000) from n; drop table Large");
        Expect(StoreDatabaseFindingKind.PagesFree, StoreFindingSeverity.Information, "pages are free");
    }

    [Fact]
    public void A_file_that_ends_too_early_is_examined_as_far_as_it_goes()
    {
        Examined.Sql(_store.Location,
            "insert into ValidPaths(path, hash, registrationTime, narSize) with n(x) as (select 1 union all select x + 1 from n where x < 5000) "
            + "select '/nix/store/' || x, 'sha256:0', 1, 1 from n");
        using (var file = File.OpenWrite(Database))
        {
            file.SetLength(file.Length / 2 / 4096 * 4096);
        }

        var findings = Examined.Of(_store.Location);

        Assert.Contains(findings, finding => finding.Kind == StoreDatabaseFindingKind.DatabaseTruncated);
        Assert.Contains(findings, finding => finding.Kind == StoreDatabaseFindingKind.PageDamaged);
        Assert.Contains(findings, finding => finding.Kind == StoreDatabaseFindingKind.CheckFailed);
        Assert.Contains(findings, finding => finding is { Kind: StoreDatabaseFindingKind.ColumnMalformed, Path: "/nix/store/1" });
    }

    private void Expect(StoreDatabaseFindingKind kind, StoreFindingSeverity severity, string text = "")
    {
        var finding = Assert.Single(Examined.Of(_store.Location));
        Assert.Equal((kind, severity), (finding.Kind, finding.Severity));
        Assert.Contains(text, finding.Detail, StringComparison.Ordinal);
        Assert.NotNull(finding.Remedy);
    }
}
