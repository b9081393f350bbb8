using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class DoctorTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void What_lives_is_repaired_and_what_is_dead_set_aside()
    {
        _store.MakeRoot("first", "one");
        _store.Corrupt("one");
        _store.Corrupt("two");
        var dry = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl, "--dry-run");
        Assert.True(dry.Code == 1, dry.Output + dry.Errors);
        Assert.EndsWith(" steps would be taken.", dry.Lines[^1], StringComparison.Ordinal);
        Assert.Equal("\0\0\0", File.ReadAllText(_store.Real("one"))[..3]);

        var run = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl, "--yes");
        Assert.True(run.Code == 0, run.Output + run.Errors);
        Assert.EndsWith(" 1 paths repaired: the store is healthy.", run.Lines[^1], StringComparison.Ordinal);
        Assert.Contains("1 set aside in the trash; Restore-StoreTrash -SkipVerification brings them back.", run.Lines);
        Assert.Equal("This is one.", File.ReadAllText(_store.Real("one")));
        Assert.False(File.Exists(_store.Real("two")));
        Assert.Equal(0, Nixstore.Run("verify", "--store", _store.Url).Code);
    }

    [Fact]
    public void A_lost_database_is_made_anew()
    {
        File.Delete(_store.DatabasePath);
        var run = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl, "--yes", "--json");
        Assert.True(run.Code == 0, run.Output + run.Errors);
        var lines = Array.ConvertAll(run.Lines, line => JsonDocument.Parse(line).RootElement);
        Assert.Contains(lines, line => line.TryGetProperty("area", out var area) && area.GetString() == "Database");
        Assert.Contains(lines, line => line.TryGetProperty("step", out _) && line.GetProperty("outcome").GetString() == "Done");
        Assert.True(lines[^1].GetProperty("applied").GetBoolean());
        Assert.True(lines[^1].GetProperty("healthy").GetBoolean());
        Assert.Equal(3, Nixstore.Run("verify", "--store", _store.Url).Lines.Length);
    }

    [Fact]
    public void What_is_healthy_is_left_alone()
    {
        var run = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl, "--yes");
        Assert.True(run.Code == 0, run.Output + run.Errors);
    }

    [Fact]
    public void Nobody_to_ask_is_no()
    {
        _store.Corrupt("one");
        var run = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl);
        Assert.Equal(2, run.Code);
        Assert.Contains("was not confirmed", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_shows_what_was_done()
    {
        _store.MakeRoot("first", "one");
        _store.Corrupt("one");
        var page = $"{_store.StoreDirectory}/../report.html";
        var run = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl, "--yes", "--report", page);
        Assert.True(run.Code == 0, run.Output + run.Errors);
        Assert.Contains(_store.Logical("one"), File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_store_directory_is_refused()
    {
        foreach (var name in (string[])["one", "two", "three"])
        {
            _store.Delete(name);
        }

        var run = Nixstore.Run("doctor", "--store", _store.Url, "--source", _store.CacheUrl, "--yes");
        Assert.Equal(8, run.Code);
        Assert.Contains("not mounted", run.Errors, StringComparison.Ordinal);
    }
}
