using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class RootsTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_line_for_each_root()
    {
        var root = _store.MakeRoot("first", "one");
        var run = Nixstore.Run("roots", "--store", _store.Url, "--kind", "Permanent");
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal($"Permanent   {_store.Logical("one")}  {root}", Assert.Single(run.Lines));
    }

    [Fact]
    public void Roots_of_named_paths_and_what_they_keep()
    {
        _store.MakeRoot("first", "one");
        var second = _store.MakeRoot("second", "two");
        var run = Nixstore.Run("roots", "--store", _store.Url, "--include-size", "--json", _store.Real("two"));
        var root = JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;
        Assert.Equal(second, root.GetProperty("link").GetString());
        Assert.Equal("DirectLink", root.GetProperty("origin").GetString());
        Assert.Equal("Active", root.GetProperty("state").GetString());
        Assert.True(root.GetProperty("closureSize").GetInt64() > 100);
        Assert.Equal(_store.Url, root.GetProperty("store").GetString());
    }

    [Theory]
    [InlineData("--kind", "Eternal")]
    [InlineData("nonsense")]
    public void What_is_no_kind_or_path_is_refused(params string[] arguments)
        => Assert.Equal(2, Nixstore.Run(["roots", "--store", _store.Url, .. arguments]).Code);
}
