using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class WhyTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void The_root_that_keeps_a_path_and_what_it_costs()
    {
        var root = _store.MakeRoot("first", "one");
        var run = Nixstore.Run("why", "--store", _store.Url, _store.Logical("one"), _store.Real("two"));
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(2, run.Lines.Length);
        Assert.StartsWith($"Alive       {_store.Logical("one")}  by {root}: {_store.Logical("one")}; without it 1 path, ", run.Lines[0], StringComparison.Ordinal);
        Assert.Equal($"Dead        {_store.Logical("two")}  no root and no path keeps it", run.Lines[1]);
    }

    [Fact]
    public void Only_the_dead_and_as_json()
    {
        _store.MakeRoot("first", "one");
        var run = Nixstore.Run("why", "--store", _store.Url, "--dead", "--json", _store.Logical("one"), _store.Logical("two"));
        var trace = JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;
        Assert.Equal(_store.Logical("two"), trace.GetProperty("path").GetString());
        Assert.False(trace.GetProperty("alive").GetBoolean());
        Assert.Equal("Unreferenced", trace.GetProperty("reason").GetString());
        Assert.Equal(0, trace.GetProperty("chain").GetArrayLength());
    }

    [Fact]
    public void Dependencies_are_chains()
    {
        var run = Nixstore.Run("why", "--store", _store.Url, "--depends-on", _store.Logical("one"), _store.Logical("one"), _store.Logical("two"));
        Assert.Equal(_store.Logical("one"), Assert.Single(run.Lines));
        Assert.NotEqual(0, run.Code);
        Assert.Contains("does not depend on", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_store_does_not_have_is_an_error_and_the_rest_goes_on()
    {
        var run = Nixstore.Run("why", "--store", _store.Url, "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nothing", _store.Logical("two"));
        Assert.Equal(3, run.Code);
        Assert.Single(run.Lines);
    }

    [Theory]
    [InlineData("why")]
    [InlineData("why", "--first", "0", "x")]
    [InlineData("why", "--first", "2", "--all", "x")]
    [InlineData("why", "--depends-on", "x", "--dead", "x")]
    [InlineData("why", "--depends-on", "x", "--keep-outputs", "true", "x")]
    public void What_makes_no_sense_is_refused(params string[] arguments)
    {
        var run = Nixstore.Run([.. arguments, "--store", _store.Url]);
        Assert.Equal(2, run.Code);
        Assert.NotEmpty(run.Errors);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("list")]
    [InlineData("verify")]
    [InlineData("repair")]
    [InlineData("doctor")]
    [InlineData("roots")]
    [InlineData("why")]
    [InlineData("gc")]
    [InlineData("optimise")]
    [InlineData("backup")]
    [InlineData("demo")]
    public void The_help_has_examples(string command)
    {
        var run = Nixstore.Run(command, "--help");
        Assert.Equal(0, run.Code);
        Assert.Contains($"nixstore {command}", run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }
}
