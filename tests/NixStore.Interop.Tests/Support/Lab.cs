namespace NixStore.Interop.Tests.Support;

/// <summary>What all tests here share: a cache of the lab store and one of its optimised sister, each made when first asked for.</summary>
public sealed class Lab : IDisposable
{
    private readonly Lazy<SignedCache> _cache = new(() => MakeCache(LabStore.Signed));
    private readonly Lazy<SignedCache> _optimisedCache = new(() => MakeCache(LabStore.Optimised));

    /// <summary>The cache that has what a store has.</summary>
    public SignedCache CacheOf(bool optimised) => (optimised ? _optimisedCache : _cache).Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var cache in new[] { _cache, _optimisedCache }.Where(cache => cache.IsValueCreated))
        {
            cache.Value.Dispose();
        }
    }

    private static SignedCache MakeCache(Func<LabStore> makeStore)
    {
        using var store = makeStore();
        return new SignedCache(store.Root);
    }
}

/// <summary>Tests that share the lab, one after another; those that need no cache of it run beside them.</summary>
[CollectionDefinition(Name)]
public sealed class LabCollection : ICollectionFixture<Lab>
{
    /// <summary>The collection.</summary>
    public const string Name = "lab";
}
