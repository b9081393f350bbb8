using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class RepairTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void All_that_is_damaged_is_repaired()
    {
        _store.Corrupt("one");
        _store.Delete("two");
        var run = Nixstore.Run("repair", "--store", _store.Url, "--check-contents", "--source", _store.CacheUrl);
        Assert.Equal(0, run.Code);
        Assert.Equal(2, run.Lines.Length);
        Assert.All(run.Lines, line => Assert.EndsWith($"from {_store.CacheUrl}", line, StringComparison.Ordinal));
        Assert.Equal("This is one.", File.ReadAllText(_store.Real("one")));
        Assert.Equal(0, Nixstore.Run("verify", "--store", _store.Url).Code);
    }

    [Fact]
    public void Contents_are_read_only_when_asked_or_named()
    {
        _store.Corrupt("one");
        _store.Delete("two");
        Assert.Single(Nixstore.Run("repair", "--store", _store.Url, "--source", _store.CacheUrl).Lines);
        Assert.Equal(0, Nixstore.Run("repair", "--store", _store.Url, "--source", _store.CacheUrl, _store.Logical("one")).Code);
        Assert.Equal(0, Nixstore.Run("verify", "--store", _store.Url).Code);
    }

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        _store.Delete("two");
        var run = Nixstore.Run("repair", "--store", _store.Url, "--source", _store.CacheUrl, "--dry-run");
        Assert.Equal(1, run.Code);
        Assert.StartsWith("Missing", Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.False(File.Exists(_store.Real("two")));
    }

    [Fact]
    public void What_cannot_be_repaired_is_an_error_and_the_rest_goes_on()
    {
        _store.Delete("two");
        _store.Delete("three");
        var cached = Directory.GetFiles(new Uri(_store.CacheUrl).LocalPath, $"{Path.GetFileName(_store.Logical("two"))[..32]}.narinfo");
        File.Delete(Assert.Single(cached));
        var run = Nixstore.Run("repair", "--store", _store.Url, "--source", _store.CacheUrl, "--source", "file:///nonexistent", "--json");
        Assert.Equal(1, run.Code);
        var results = Array.ConvertAll(run.Lines, line => JsonDocument.Parse(line).RootElement);
        Assert.Equal(["Failed", "Repaired"], results.Select(result => result.GetProperty("outcome").GetString()));
        var errors = Array.ConvertAll(
            run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line).RootElement);
        Assert.Contains(errors, error => error.TryGetProperty("error", out var id) && id.GetString() == "PathNotRepairable");
        Assert.Contains(errors, error => error.TryGetProperty("warning", out var text) && text.GetString()!.Contains("/nonexistent", StringComparison.Ordinal));
    }

    [Fact]
    public void A_relative_directory_can_be_a_source()
    {
        _store.Delete("two");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, new Uri(_store.CacheUrl).LocalPath);
        Assert.Equal(0, Nixstore.Run("repair", "--store", _store.Url, "--source", relative).Code);
    }

    [Fact]
    public void A_key_that_is_none_is_refused_before_anything_is_done()
    {
        var run = Nixstore.Run("repair", "--store", _store.Url, "--trusted-public-key", "nonsense");
        Assert.NotEqual(0, run.Code);
        Assert.Contains("nonsense", run.Errors, StringComparison.Ordinal);
    }
}
