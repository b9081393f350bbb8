using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

public sealed class RowsTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Rows_come_in_the_order_of_registration_with_their_references()
    {
        _store.Sql("insert into Refs select id, id from ValidPaths");

        var rows = Read();

        Assert.Equal([_store.Full("a"), _store.Full("b"), _store.Full("c")], rows.Select(row => row.Path));
        Assert.Equal(rows.Select(row => row.Id).Order(), rows.Select(row => row.Id));
        Assert.Equal([_store.Full("a")], rows[0].References);
        Assert.Equal(new[] { _store.Full("a"), _store.Full("b") }.Order(StringComparer.Ordinal), rows[1].References);
    }

    [Fact]
    public void What_is_NULL_is_absent()
    {
        _store.Sql("update ValidPaths set deriver = NULL, narSize = NULL, ultimate = NULL, sigs = NULL, ca = NULL");

        var row = Read()[0];

        Assert.Null(row.Deriver ?? row.Signatures ?? row.ContentAddress);
        Assert.Null(row.NarSize ?? row.Ultimate);
        Assert.Empty(row.MalformedColumns);
    }

    [Fact]
    public void Rows_of_a_table_without_constraints_are_read_as_they_stand()
    {
        _store.Sql("""
            pragma foreign_keys = off;
            drop table ValidPaths;
            create table ValidPaths (id integer primary key, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca);
            insert into ValidPaths (id) values (7);
            insert into ValidPaths values (9, x'2f6e69782f73746f72652f666f6f', 12, 'soon', 1.5, x'00ff', 'yes', -1, 0);
            """);

        var rows = Read();

        Assert.Equal((7, "", null, null), (rows[0].Id, rows[0].Path, rows[0].Hash, rows[0].RegistrationTime));
        Assert.Equal(("/nix/store/foo", "12", "1.5", "-1", "0"), (rows[1].Path, rows[1].Hash, rows[1].Deriver, rows[1].Signatures, rows[1].ContentAddress));
        Assert.Equal(["registrationTime", "narSize", "ultimate"], rows[1].MalformedColumns.Select(column => column.Column));
        Assert.Equal("soon", rows[1].MalformedColumns[0].Value);
    }

    [Fact]
    public void References_to_rows_that_do_not_exist_are_told_by_number()
    {
        _store.Sql("pragma foreign_keys = off; insert into Refs select id, 999 from ValidPaths; insert into Refs select 999, id from ValidPaths");

        var rows = Read();

        Assert.All(rows, row => Assert.Equal([999L], row.DanglingReferences));
        Assert.Equal([_store.Full("a")], rows[1].References);
    }

    [Fact]
    public void Tables_that_nobody_knows_and_missing_indices_are_no_obstacle()
    {
        _store.Sql("""
            create table Realisations (id integer primary key, drvPath text, outputName text, outputPath integer, signatures text);
            create table BuildTraceV3 (id integer primary key);
            create index Unknown on ValidPaths(ca);
            create trigger Odd after insert on ValidPaths begin delete from BuildTraceV3; end;
            insert into SchemaMigrations values ('29990101-from-the-future');
            drop index IndexReferrer; drop index IndexReference; drop index IndexDerivationOutputs; drop trigger DeleteSelfRefs;
            """);

        Assert.Equal(3, Read().Count);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal([_store.Full("b")], database.FindReferrers(_store.Full("a")));
    }

    [Fact]
    public void A_missing_table_of_derivations_hinders_nothing_else()
    {
        _store.Sql("drop table DerivationOutputs; drop table SchemaMigrations");

        Assert.Equal(3, Read().Count);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        var error = Assert.Throws<StoreDatabaseException>(() => database.FindDerivers(_store.Full("a")));
        Assert.Equal("DatabaseMalformed", error.ErrorId);
        Assert.Contains("DerivationOutputs", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drop table Refs", "DatabaseMalformed")]
    [InlineData("alter table ValidPaths drop column ca", "DatabaseMalformed")]
    [InlineData("drop table ValidPaths", "DatabaseEmpty")]
    public void A_database_that_lacks_what_every_store_has_is_an_error(string sql, string id)
    {
        _store.Sql("pragma foreign_keys = off; " + sql);

        Assert.Equal(id, Assert.Throws<StoreDatabaseException>(Read).ErrorId);
    }

    [Fact]
    public void Text_of_megabytes_is_read()
    {
        _store.Sql("update ValidPaths set sigs = printf('%.*c', 20000000, 'x') where id = 1");

        Assert.Equal(20_000_000, Read()[0].Signatures!.Length);
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_read()
    {
        _store.Sql("update ValidPaths set deriver = cast(x'2fff00fe' as text) where id = 1");

        Assert.StartsWith("/\ufffd", Read()[0].Deriver, StringComparison.Ordinal);
    }

    private List<PathRow> Read()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return [.. database.ReadPaths()];
    }
}
