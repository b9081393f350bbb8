using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>The file that a rebuilding writes.</summary>
public sealed class NewDatabaseTests : IDisposable
{
    private readonly RebuildLab _lab = new();

    [Fact]
    public void The_new_database_has_all_rows_and_is_in_order()
    {
        var source = _lab.Source("source", "x");
        var derivation = _lab.Derive("package", [], [source], ["out", "dev"]);
        var output = _lab.Build(derivation, source, _lab.Output(derivation));

        var rebuilt = Rebuild();
        File.Move(rebuilt.File, _lab.Location.DatabasePath, overwrite: true);

        using var database = StoreDatabase.OpenForReading(_lab.Location);
        Assert.Equal(rebuilt.Rows.Select(row => row.Path), database.ReadPaths().Select(row => row.Path));
        Assert.Equal(new[] { _lab.Full(source), _lab.Full(output) }.Order(StringComparer.Ordinal),
            database.Find(_lab.Full(output))!.References.Order(StringComparer.Ordinal));
        Assert.Equal(_lab.Full(output), database.FindOutputs(_lab.Full(derivation))["out"]);
        Assert.Equal(2, database.FindOutputs(_lab.Full(derivation)).Count);
        Assert.Equal(_lab.Full(derivation), database.Find(_lab.Full(output))!.Deriver);
    }

    [Fact]
    public void It_stands_by_itself_and_is_as_Nix_makes_it()
    {
        _lab.Source("source", "x");

        var file = Rebuild().File;

        Assert.Equal(["db.sqlite.new"], Directory.EnumerateFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName)
            .Where(name => name!.StartsWith("db.sqlite.", StringComparison.Ordinal)));
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        Assert.Equal("ok", Ask("pragma integrity_check"));
        Assert.Null(Ask("pragma foreign_key_check"));
        Assert.Equal("wal", Ask("pragma journal_mode"));
        Assert.Equal(1L, Ask("select seq from sqlite_sequence where name = 'ValidPaths'"));
        Assert.Equal(4L, Ask("select count(*) from sqlite_master where type = 'table' and name in ('ValidPaths', 'Refs', 'DerivationOutputs', 'SchemaMigrations')"));
        Assert.Equal(3L, Ask("select count(*) from sqlite_master where type = 'index' and sql is not null"));
        Assert.Equal(1L, Ask("select count(*) from sqlite_master where type = 'trigger'"));

        object? Ask(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
    }

    [Fact]
    public void Only_the_new_file_is_written()
    {
        var derivation = _lab.Derive("package", [_lab.Derive("input", [])]);
        _lab.Build(derivation);
        Rebuild();
        var untouched = Untouched.Of(_lab.Location, "db.sqlite.new", "/db");

        Rebuild();

        untouched.Verify();
    }

    [Fact]
    public void What_an_earlier_attempt_left_is_replaced()
    {
        _lab.Source("source", "x");
        File.WriteAllText(_lab.NewFile, "half");
        File.WriteAllText(_lab.NewFile + "-journal", "half");

        Assert.Single(Rebuild().Rows);
        Assert.False(File.Exists(_lab.NewFile + "-journal"));
    }

    [Fact]
    public void An_empty_store_directory_gives_no_database()
    {
        var error = Assert.Throws<NixStoreException>(() => Rebuild());

        Assert.Equal("StoreDirectoryEmpty", error.ErrorId);
        Assert.False(File.Exists(_lab.NewFile));
    }

    [Fact]
    public void A_rebuilding_that_is_stopped_leaves_no_file()
    {
        _lab.Source("source", "x");
        using var stop = new CancellationTokenSource();
        var options = new RebuildOptions
        {
            Describe = _ =>
            {
                stop.Cancel();
                return null;
            },
        };

        Assert.ThrowsAny<OperationCanceledException>(
            () => DatabaseRebuilder.Rebuild(_lab.Location, _lab.NewFile, options, new VerificationProgress(), stop.Token));

        Assert.False(File.Exists(_lab.NewFile));
    }

    [Fact]
    public void All_is_counted()
    {
        var derivation = _lab.Derive("package", []);
        var output = _lab.Build(derivation);
        var progress = new VerificationProgress();

        DatabaseRebuilder.Rebuild(_lab.Location, _lab.NewFile, new RebuildOptions(), progress, default);

        Assert.Equal((2L, 2L), (progress.Paths, progress.TotalPaths));
        Assert.Equal(_lab.Hash(derivation).Size + _lab.Hash(output).Size, progress.Bytes);
    }

    public void Dispose() => _lab.Dispose();

    private RebuiltDatabase Rebuild()
        => DatabaseRebuilder.Rebuild(_lab.Location, _lab.NewFile, new RebuildOptions { Workers = 2 }, new VerificationProgress(), default);
}
