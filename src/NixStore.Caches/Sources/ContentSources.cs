using System.Collections;
using NixStore.Caches.BinaryCaches;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;

namespace NixStore.Caches.Sources;

/// <summary>
/// What people name as sources, be it a binary cache, another store or a directory with either, in the order in which they are to be asked: stores of
/// this machine, then caches by priority. Opened when the first one is asked for, since many repairs need none.
/// </summary>
public sealed class ContentSources : IReadOnlyList<IContentSource>, IDisposable
{
    private readonly IReadOnlyList<string> _addresses;
    private readonly StoreDirectory _directory;
    private readonly BinaryCacheOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly List<NixStoreException> _failures = [];
    private List<IContentSource>? _opened;
    private SourceList? _caches;

    /// <summary>Remembers the sources; opens nothing yet.</summary>
    /// <param name="addresses">
    /// <c>file://</c>, <c>http(s)://</c>: a binary cache; a directory with a <c>nix-cache-info</c>: the same; anything else: what
    /// <see cref="StoreLocator"/> understands.
    /// </param>
    /// <param name="directory">The store directory that all of them must be for.</param>
    /// <param name="options">How caches are opened.</param>
    /// <param name="cancellation">Ends the opening.</param>
    public ContentSources(IEnumerable<string> addresses, StoreDirectory directory, BinaryCacheOptions options, CancellationToken cancellation)
    {
        _addresses = [.. addresses.Distinct(StringComparer.Ordinal)];
        _directory = directory;
        _options = options with { StoreDirectory = directory };
        _cancellation = cancellation;
    }

    /// <summary>Why some could not be opened; empty as long as none was asked for.</summary>
    public IReadOnlyList<NixStoreException> Failures => _failures;

    /// <inheritdoc/>
    public int Count => Opened.Count;

    /// <inheritdoc/>
    public IContentSource this[int index] => Opened[index];

    private List<IContentSource> Opened => _opened ??= Open();

    /// <inheritdoc/>
    public IEnumerator<IContentSource> GetEnumerator() => Opened.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var store in (_opened ?? []).OfType<LocalStoreSource>())
        {
            store.Dispose();
        }

        _caches?.Dispose();
    }

    private List<IContentSource> Open()
    {
        var sources = new List<IContentSource>();
        foreach (var address in _addresses.Where(address => !IsCache(address)))
        {
            try
            {
                sources.Add(LocalStoreSource.Open(StoreLocator.Locate(address), _directory));
            }
            catch (NixStoreException error)
            {
                _failures.Add(error);
            }
        }

        _caches = SourceList.Open(_addresses.Where(IsCache).Select(ToUrl), _options, _cancellation);
        sources.AddRange(_caches.Sources);
        _failures.AddRange(_caches.Failures);
        return sources;
    }

    /// <summary>Nix's own stores have a scheme without slashes, or one of these; all others with slashes are caches, known or not.</summary>
    private static bool IsCache(string address) => address.StartsWith('/')
        ? File.Exists($"{address}/nix-cache-info")
        : address.Contains("://", StringComparison.Ordinal)
            && !address.StartsWith("local://", StringComparison.Ordinal) && !address.StartsWith("unix://", StringComparison.Ordinal);

    private static string ToUrl(string address)
        => address.StartsWith('/') ? "file://" + Uri.EscapeDataString(address).Replace("%2F", "/", StringComparison.Ordinal) : address;
}
