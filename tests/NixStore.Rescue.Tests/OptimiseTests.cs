using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class OptimiseTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void It_counts_and_a_dry_run_changes_nothing()
    {
        var dry = Nixstore.Run("optimise", "--store", _store.Url, "--dry-run");
        Assert.Equal(0, dry.Code);
        Assert.Equal("0 B would be freed by linking 0 of 3 files; 3 new links", Assert.Single(dry.Lines));
        Assert.False(Directory.Exists($"{_store.StoreDirectory}/.links") && Directory.EnumerateFiles($"{_store.StoreDirectory}/.links").Any());

        var done = Nixstore.Run("optimise", "--store", _store.Url, "--jobs", "1", "--json");
        Assert.Equal(0, done.Code);
        Assert.Contains("\"filesExamined\":3,\"filesLinked\":0,\"bytesFreed\":0,\"linksCreated\":3,", Assert.Single(done.Lines), StringComparison.Ordinal);
        Assert.Equal(3, Directory.EnumerateFiles($"{_store.StoreDirectory}/.links").Count());
    }

    [Fact]
    public void Named_paths_are_optimised_alone()
    {
        var run = Nixstore.Run("optimise", "--store", _store.Url, _store.Logical("one"));
        Assert.Equal("0 B freed by linking 0 of 1 files; 1 new links", Assert.Single(run.Lines));
    }

    [Fact]
    public void What_could_not_be_looked_at_is_a_finding()
    {
        _store.Delete("two");
        var run = Nixstore.Run("optimise", "--store", _store.Url);
        Assert.Equal(1, run.Code);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
    }
}
