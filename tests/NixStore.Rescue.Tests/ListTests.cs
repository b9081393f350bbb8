using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class ListTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void One_line_for_each_path_with_its_state()
    {
        var run = Nixstore.Run("list", "--store", _store.Url);
        Assert.Equal(0, run.Code);
        Assert.Equal([$"Valid       {_store.Logical("one")}", $"Valid       {_store.Logical("two")}", $"Valid       {_store.Logical("three")}"], run.Lines);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public void A_missing_path_is_a_finding()
    {
        _store.Delete("two");
        var run = Nixstore.Run("list", "--store", _store.Url, "--invalid");
        Assert.Equal(1, run.Code);
        Assert.StartsWith($"Missing     {_store.Logical("two")}  Missing", Assert.Single(run.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Contents_are_not_read()
    {
        _store.Corrupt("two");
        Assert.Equal(0, Nixstore.Run("list", "--store", _store.Url).Code);
    }

    [Fact]
    public void Json_is_an_object_a_line()
    {
        _store.Delete("three");
        var run = Nixstore.Run("list", "--store", _store.Url, "--json");
        var paths = Array.ConvertAll(run.Lines, line => JsonDocument.Parse(line).RootElement);
        Assert.Equal(["Valid", "Valid", "Missing"], paths.Select(path => path.GetProperty("state").GetString()));
        Assert.Equal(_store.Logical("three"), paths[2].GetProperty("path").GetString());
        Assert.Equal("Missing", paths[2].GetProperty("problems")[0].GetProperty("kind").GetString());
        Assert.Equal(_store.Url, paths[0].GetProperty("store").GetString());
        Assert.StartsWith("fixed:r:sha256:", paths[0].GetProperty("ca").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_store_directory_is_an_error_unless_forced()
    {
        foreach (var name in (string[])["one", "two", "three"])
        {
            _store.Delete(name);
        }

        var run = Nixstore.Run("list", "--store", _store.Url);
        Assert.Equal(8, run.Code);
        Assert.Empty(run.Output);
        Assert.Contains("not mounted", run.Errors, StringComparison.Ordinal);
        Assert.Equal(3, Nixstore.Run("list", "--store", _store.Url, "--force").Lines.Length);
    }
}
