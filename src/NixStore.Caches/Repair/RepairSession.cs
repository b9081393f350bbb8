using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Sources;
using NixStore.Engine.Repair;
using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;

namespace NixStore.Caches.Repair;

/// <summary>
/// Repairs paths of any number of stores with the same sources and keys. A store is opened for writing when the first of its paths is to be
/// repaired, a source when something is wanted of it, and both stay open until the end.
/// </summary>
/// <remarks>
/// One repair at a time. Disposing is allowed while a repair runs on another thread: what it uses is then released when it ends.
/// </remarks>
public sealed class RepairSession : IDisposable
{
    private readonly RepairRequest _request;
    private readonly IReadOnlyList<string> _addresses;
    private readonly TrustedKeys _keys;
    private readonly BinaryCacheOptions _cacheOptions;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, StoreRepairer> _repairers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NixStoreException> _closedStores = new(StringComparer.Ordinal);
    private readonly Dictionary<StoreDirectory, ContentSources> _sources = [];
    private readonly Lock _state = new();
    private bool _isBusy;
    private bool _isDisposed;
    private int _reportedFailures;

    /// <summary>Reads keys and configuration; opens nothing.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="configuration">nix.conf.</param>
    /// <param name="cancellation">Ends waiting for sources and stores.</param>
    /// <exception cref="NixStoreException">InvalidPublicKey</exception>
    public RepairSession(RepairRequest request, NixConfiguration configuration, CancellationToken cancellation)
    {
        _request = request;
        _addresses = request.Sources ?? configuration.Substituters;
        _keys = TrustedKeys.Parse(request.TrustedPublicKeys ?? configuration.TrustedPublicKeys);
        _cacheOptions = new BinaryCacheOptions { NetrcFile = FindNetrc(configuration) };
        _cancellation = cancellation;
    }

    /// <summary>True when the user named the sources, so that one that cannot be opened is worth an error.</summary>
    public bool HasNamedSources => _request.Sources is not null;

    /// <summary>Repairs one path.</summary>
    /// <param name="store">Its store.</param>
    /// <param name="path">Full logical path.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was done; null when the store could not be opened before, which was reported then.</returns>
    /// <exception cref="NixStoreException">Of <see cref="StoreRepairer.Open"/> and <see cref="StoreRepairer.Attempt"/>.</exception>
    /// <exception cref="OperationCanceledException"/>
    public RepairAttempt? Repair(StoreLocation store, string path, CancellationToken cancellation)
    {
        Enter();
        try
        {
            return OpenRepairer(store)?.Attempt(path, cancellation);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The sources that could not be opened and were not told yet.</summary>
    public IReadOnlyList<NixStoreException> TakeSourceFailures()
    {
        var failures = _sources.Values.SelectMany(sources => sources.Failures).Skip(_reportedFailures).ToList();
        _reportedFailures += failures.Count;
        return failures;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_state)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (_isBusy)
            {
                return;
            }
        }

        Release();
    }

    /// <summary>One that nix.conf names must be readable; the default one need not even be there.</summary>
    private static string? FindNetrc(NixConfiguration configuration)
        => configuration.Get("netrc-file") is not null || File.Exists(configuration.NetrcFile) ? configuration.NetrcFile : null;

    private void Enter()
    {
        lock (_state)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _isBusy = true;
        }
    }

    private void Leave()
    {
        lock (_state)
        {
            _isBusy = false;
            if (!_isDisposed)
            {
                return;
            }
        }

        Release();
    }

    private void Release()
    {
        foreach (var disposable in _repairers.Values.Concat<IDisposable>(_sources.Values))
        {
            disposable.Dispose();
        }
    }

    private StoreRepairer? OpenRepairer(StoreLocation store)
    {
        if (_closedStores.ContainsKey(store.Url))
        {
            return null;
        }

        if (!_repairers.TryGetValue(store.Url, out var repairer))
        {
            try
            {
                repairer = StoreRepairer.Open(store, OptionsFor(store), _cancellation);
            }
            catch (NixStoreException error)
            {
                _closedStores.Add(store.Url, error);
                throw;
            }

            _repairers.Add(store.Url, repairer);
        }

        return repairer;
    }

    /// <summary>What repairs of a store may use and believe. Its sources live as long as the session.</summary>
    public RepairOptions OptionsFor(StoreLocation store)
    {
        if (!_sources.TryGetValue(store.Directory, out var sources))
        {
            sources = new ContentSources(_addresses, store.Directory, _cacheOptions, _cancellation);
            _sources.Add(store.Directory, sources);
        }

        return new RepairOptions
        {
            Sources = sources,
            TrustedKeys = _keys,
            SkipSignatureCheck = _request.SkipSignatureCheck,
            AssumeContents = _request.AssumeContents,
            Rebuild = _request.Rebuild,
            AcceptEmptyStore = _request.AcceptEmptyStore,
        };
    }
}
