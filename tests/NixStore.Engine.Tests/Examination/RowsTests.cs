using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>Rows that contradict their schema, each other and the store directory.</summary>
public sealed class RowsTests : IDisposable
{
    private readonly SmallStore _store = Examined.NewStore("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("hash = 'sha256:zz'", StoreFindingSeverity.Error)]
    [InlineData("hash = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'", StoreFindingSeverity.Warning)]
    [InlineData("narSize = null", StoreFindingSeverity.Warning)]
    [InlineData("narSize = 'many'", StoreFindingSeverity.Warning)]
    [InlineData("registrationTime = 'yesterday'", StoreFindingSeverity.Warning)]
    [InlineData("sigs = 'garbage'", StoreFindingSeverity.Error)]
    [InlineData("deriver = '/nix/store/x'", StoreFindingSeverity.Error)]
    [InlineData("ca = 'fixed:sha999:zz'", StoreFindingSeverity.Error)]
    public void A_malformed_column_is_a_finding(string change, StoreFindingSeverity severity)
    {
        Examined.Sql(_store.Location, $"update ValidPaths set {change} where id = 3");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.ColumnMalformed, severity), (finding.Kind, finding.Severity));
        Assert.Equal(("ValidPaths", 3L, _store.Full("c")), (finding.Table, finding.Row!.Value, finding.Path));
    }

    [Fact]
    public void A_path_that_is_none_is_one_finding_and_has_no_files_to_miss()
    {
        Examined.Sql(_store.Location, $"insert into ValidPaths(path, hash, registrationTime, narSize) values ('/nix/store/foo', 'sha256:{new string('a', 64)}', 1, 1)");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.ColumnMalformed, StoreFindingSeverity.Error, "/nix/store/foo"), (finding.Kind, finding.Severity, finding.Path));
    }

    [Fact]
    public void Dangling_references_name_the_end_that_is_there()
    {
        Examined.Sql(_store.Location, "insert into Refs values (3, 99), (98, 1), (97, 96)");

        var findings = Examined.Of(_store.Location).Where(finding => finding.Kind == StoreDatabaseFindingKind.ReferenceDangling).ToList();

        Assert.Equal([_store.Full("c"), _store.Full("a"), null], findings.Select(finding => finding.Path));
        Assert.Equal(["99", "98", "97"], findings.Select(finding => string.Concat(finding.Detail.SkipWhile(c => !char.IsDigit(c)).TakeWhile(char.IsDigit))));
        Assert.All(findings, finding => Assert.Equal(("Refs", StoreFindingSeverity.Error), (finding.Table, finding.Severity)));
        Assert.Equal(3, findings.Select(finding => finding.Row).Distinct().Count());
    }

    [Fact]
    public void A_row_deleted_without_regard_leaves_dangling_references_both_ways()
    {
        Examined.Sql(_store.Location, "delete from ValidPaths where id = 2");
        Assert.Equal([StoreDatabaseFindingKind.ReferenceDangling, StoreDatabaseFindingKind.FilesWithoutRow], Examined.KindsOf(_store.Location));
    }

    [Fact]
    public void Outputs_of_a_derivation_that_is_not_there_are_told()
    {
        Examined.Sql(_store.Location, $"insert into DerivationOutputs values (99, 'out', '{_store.Full("c")}')");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.OutputDangling, "DerivationOutputs", _store.Full("c")), (finding.Kind, finding.Table, finding.Path));
    }

    [Fact]
    public void Foreign_keys_of_other_tables_are_checked()
    {
        Examined.Sql(_store.Location, "create table Realisations(id integer primary key, outputPath integer references ValidPaths(id)); insert into Realisations values (5, 77), (6, 1)");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.ForeignKeyBroken, "Realisations", 5L), (finding.Kind, finding.Table, finding.Row!.Value));
    }

    [Fact]
    public void Several_rows_of_one_path_are_told_once()
    {
        Examined.Sql(_store.Location,
            "create table Copy(id integer primary key, path text, hash text, registrationTime integer, deriver text, narSize integer, ultimate integer, sigs text, ca text);"
            + "insert into Copy select * from ValidPaths; insert into Copy select id + 10, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from Copy where id = 2;"
            + "drop table ValidPaths; alter table Copy rename to ValidPaths");

        var finding = Assert.Single(Examined.Of(_store.Location), finding => finding.Kind == StoreDatabaseFindingKind.RowDuplicate);

        Assert.Equal(("ValidPaths", 12L, _store.Full("b")), (finding.Table, finding.Row!.Value, finding.Path));
        Assert.Contains("2, 12", finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Repeated_references_and_outputs_are_told()
    {
        Examined.Sql(_store.Location,
            "drop trigger DeleteSelfRefs; create table Copy(referrer integer, reference integer); insert into Copy select * from Refs;"
            + "insert into Copy select * from Refs where referrer = 3; drop table Refs; alter table Copy rename to Refs;"
            + "drop table DerivationOutputs; create table DerivationOutputs(drv integer, id text, path text);"
            + $"insert into DerivationOutputs values (1, 'out', '{_store.Full("b")}'), (1, 'out', 'x')");

        var findings = Examined.Of(_store.Location).Where(finding => finding.Kind == StoreDatabaseFindingKind.RowDuplicate).ToList();

        Assert.Equal([("Refs", _store.Full("c")), ("DerivationOutputs", _store.Full("a"))], findings.Select(finding => (finding.Table, finding.Path)));
    }

    [Fact]
    public void An_index_that_contradicts_its_table_is_one_finding()
    {
        Examined.Sql(_store.Location, "pragma writable_schema = 1; update sqlite_master set sql = 'create index IndexReference on Refs(referrer)' where name = 'IndexReference'");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.IndexMismatch, "Refs", StoreFindingSeverity.Error), (finding.Kind, finding.Table, finding.Severity));
        Assert.Contains("IndexReference", finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_schema_lacks_is_told_and_the_other_checks_are_made()
    {
        Examined.Sql(_store.Location, "drop index IndexReference; drop index IndexReferrer; drop trigger DeleteSelfRefs; drop table DerivationOutputs;"
            + "alter table ValidPaths drop column ca; insert into Refs values (3, 99)");

        var findings = Examined.Of(_store.Location);

        Assert.Equal(["column ca", "index IndexReference", "table DerivationOutputs", "trigger DeleteSelfRefs"],
            findings.Where(finding => finding.Kind == StoreDatabaseFindingKind.ObjectMissing).Select(finding => string.Join(' ', finding.Detail.Split(' ').Take(2))).Order());
        Assert.Contains(findings, finding => finding.Kind == StoreDatabaseFindingKind.ReferenceDangling);
        Assert.Contains(findings, finding => finding.Kind == StoreDatabaseFindingKind.CheckFailed);
    }

    [Fact]
    public void A_row_without_files_is_told()
    {
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("b")));

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.RowWithoutFiles, 2L, _store.Full("b")), (finding.Kind, finding.Row!.Value, finding.Path));
    }

    [Fact]
    public void An_empty_store_directory_is_one_finding()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            File.Delete(_store.Location.RealPathOf(SmallStore.PathOf(name)));
        }

        Assert.Equal(StoreDatabaseFindingKind.StoreDirectoryEmpty, Assert.Single(Examined.Of(_store.Location)).Kind);
    }

    [Theory]
    [InlineData("00000000000000000000000000000000-x")]
    [InlineData("00000000000000000000000000000000-x.lock")]
    [InlineData("00000000000000000000000000000000-x.old-12-34")]
    [InlineData("tmp-12-3")]
    [InlineData("lost+found")]
    public void Files_without_a_row_are_told(string name)
    {
        File.WriteAllText($"{_store.Location.RealDirectory}/{name}", "");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.FilesWithoutRow, StoreFindingSeverity.Information, $"/nix/store/{name}"), (finding.Kind, finding.Severity, finding.Path));
    }

    [Fact]
    public void A_database_that_has_forgotten_most_paths_is_told_first()
    {
        foreach (var number in Enumerable.Range(0, 11))
        {
            File.WriteAllText($"{_store.Location.RealDirectory}/{SmallStore.PathOf($"lost{number}")}", "");
        }

        var findings = Examined.Of(_store.Location);

        Assert.Equal((StoreDatabaseFindingKind.PathsForgotten, StoreFindingSeverity.Error), (findings[0].Kind, findings[0].Severity));
        Assert.Contains("3 of the 14", findings[0].Detail, StringComparison.Ordinal);
        Assert.Equal(11, findings.Count(finding => finding.Kind == StoreDatabaseFindingKind.FilesWithoutRow));
    }

    [Fact]
    public void A_cycle_is_one_finding_that_names_the_way()
    {
        Examined.Sql(_store.Location, "insert into Refs values (1, 3), (1, 1)");

        var finding = Assert.Single(Examined.Of(_store.Location));

        Assert.Equal((StoreDatabaseFindingKind.ReferenceCycle, _store.Full("a")), (finding.Kind, finding.Path));
        Assert.Contains($"{_store.Full("a")} -> {_store.Full("c")} -> {_store.Full("b")} -> {_store.Full("a")}", finding.Detail, StringComparison.Ordinal);
    }
}
