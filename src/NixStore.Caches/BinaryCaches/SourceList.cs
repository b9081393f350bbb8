namespace NixStore.Caches.BinaryCaches;

/// <summary>Several binary caches in the order in which Nix would ask them: by priority, then as given.</summary>
public sealed class SourceList : IDisposable
{
    private SourceList(IReadOnlyList<BinaryCacheSource> sources, IReadOnlyList<NixStoreException> failures)
    {
        Sources = sources;
        Failures = failures;
    }

    /// <summary>The caches that could be opened.</summary>
    public IReadOnlyList<BinaryCacheSource> Sources { get; }

    /// <summary>Why the others could not; one cache that is down must not keep the others from helping.</summary>
    public IReadOnlyList<NixStoreException> Failures { get; }

    /// <summary>Opens caches.</summary>
    /// <param name="urls">Their addresses; what is given twice is opened once.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public static SourceList Open(IEnumerable<string> urls, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new BinaryCacheOptions();
        var sources = new List<BinaryCacheSource>();
        var failures = new List<NixStoreException>();
        try
        {
            foreach (var url in urls.Distinct(StringComparer.Ordinal))
            {
                try
                {
                    sources.Add(new BinaryCacheSource(BinaryCacheFactory.Open(url, options, cancellation), options.RememberedNarInfos));
                }
                catch (NixStoreException e)
                {
                    failures.Add(e);
                }
            }
        }
        catch
        {
            sources.ForEach(source => source.Dispose());
            throw;
        }

        return new SourceList([.. sources.OrderBy(source => source.Cache.Priority)], failures);
    }

    /// <summary>Disposes the caches.</summary>
    public void Dispose()
    {
        foreach (var source in Sources)
        {
            source.Dispose();
        }
    }
}
