using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class BackupTests : IDisposable
{
    private readonly SampleStore _store = new();

    private string Place => $"{_store.StoreDirectory}/../var/nix/nixstore/backups";

    public void Dispose() => _store.Dispose();

    [Fact]
    public void It_makes_one_and_says_so_in_a_line()
    {
        var run = Nixstore.Run("backup", "--store", _store.Url);
        Assert.Equal(0, run.Code);
        Assert.Matches("^3 rows, .* in /.*sqlite\\.gz$", Assert.Single(run.Lines));
        Assert.Single(Directory.EnumerateFiles(Place));
    }

    [Fact]
    public void Rules_remove_old_ones()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, Nixstore.Run("backup", "--store", _store.Url, "--keep-last", "2").Code);
        }

        var run = Nixstore.Run("backup", "--store", _store.Url, "--keep-last", "2", "--json");
        var backup = JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;
        Assert.Equal(3, backup.GetProperty("rows").GetInt32());
        Assert.True(backup.GetProperty("sound").GetBoolean());
        Assert.Equal(2, Directory.EnumerateFiles(Place).Count());
        Assert.True(File.Exists(backup.GetProperty("path").GetString()));
    }

    [Fact]
    public void It_goes_where_it_is_told()
    {
        var run = Nixstore.Run("backup", "--store", _store.Url, "--destination", $"{_store.StoreDirectory}/../elsewhere");
        Assert.Equal(0, run.Code);
        Assert.Single(Directory.EnumerateFiles($"{_store.StoreDirectory}/../elsewhere"));
        Assert.False(Directory.Exists(Place));
    }

    [Theory]
    [InlineData("--keep-last", "0")]
    [InlineData("--keep-weekly", "x")]
    [InlineData("--keep", "1")]
    public void Wrong_options_are_refused(params string[] options) => Assert.Equal(2, Nixstore.Run(["backup", "--store", _store.Url, .. options]).Code);

    [Fact]
    public void A_store_without_a_database_is_an_error()
    {
        Directory.Delete($"{_store.StoreDirectory}/../var/nix/db", recursive: true);
        var run = Nixstore.Run("backup", "--store", _store.Url, "--json");
        Assert.NotEqual(0, run.Code);
        Assert.Contains("\"error\":", run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Place));
    }
}
