using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Sources;
using NixStore.Caches.Tests.Support;
using NixStore.Engine.Stores;

namespace NixStore.Caches.Tests.Sources;

public sealed class ContentSourcesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ContentSourcesTests()
    {
        StoreCreator.EnsureExists(StoreLocator.Locate($"local?root={_directory.Path}/store"));
        foreach (var cache in (string[])["cache", "near cache"])
        {
            Directory.CreateDirectory(_directory / cache);
            File.WriteAllText(_directory / cache + "/nix-cache-info", $"StoreDir: /nix/store\nPriority: {(cache == "cache" ? 40 : 10)}\n");
        }
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Stores_come_first_then_caches_by_priority()
    {
        using var sources = Open($"file://{_directory.Path}/cache", _directory / "near cache", $"local?root={_directory.Path}/store");
        Assert.Equal(
            [$"local?root={_directory.Path}/store", $"file://{_directory.Path}/near%20cache", $"file://{_directory.Path}/cache"],
            sources.Select(source => source.Name));
        Assert.Empty(sources.Failures);
    }

    [Fact]
    public void A_directory_with_a_store_is_a_store()
    {
        using var sources = Open(_directory / "store");
        Assert.Equal($"local?root={_directory.Path}/store", Assert.Single(sources).Name);
    }

    [Fact]
    public void What_cannot_be_opened_is_a_failure_and_the_others_are_there()
    {
        using var sources = Open($"file://{_directory.Path}/nothing", _directory / "nothing", "s3://", "nonsense", _directory / "cache");
        Assert.Single(sources);
        Assert.Equal(4, sources.Failures.Count);
    }

    [Fact]
    public void Nothing_is_opened_before_it_is_asked_for()
    {
        using var sources = Open($"file://{_directory.Path}/nothing");
        Assert.Empty(sources.Failures);
        Assert.Empty(sources);
        Assert.Single(sources.Failures);
    }

    [Fact]
    public void Sources_of_another_store_directory_are_refused()
    {
        using var sources = new ContentSources(
            [_directory / "store", _directory / "cache"], new StoreDirectory("/other/store"), new BinaryCacheOptions(), default);
        Assert.Empty(sources);
        Assert.All(sources.Failures, failure => Assert.Equal("StoreDirectoryMismatch", failure.ErrorId));
        Assert.Equal(2, sources.Failures.Count);
    }

    private static ContentSources Open(params string[] addresses)
        => new(addresses, new StoreDirectory("/nix/store"), new BinaryCacheOptions(), default);
}
