using System.Collections.Concurrent;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Roots;

/// <summary>
/// Keeps paths from all collectors until it is disposed or this process ends, by temporary roots: first the root, then the question whether the
/// path is valid, and what is valid then stays so. For handing paths from one process to the next.
/// </summary>
public sealed class PathProtection : IDisposable
{
    // A lock ends with its descriptor: what nobody refers to any more must not be finalized, for it was promised until the end of the session.
    private static readonly ConcurrentDictionary<PathProtection, bool> s_held = new();

    private readonly StoreLocation _store;
    private readonly Func<string, bool> _isRegistered;
    private readonly HashSet<StorePath> _paths = [];
    private TemporaryRoots _roots;
    private bool _hasOthers;

    private PathProtection(StoreLocation store, Func<string, bool> isRegistered, TemporaryRoots roots)
    {
        _store = store;
        _isRegistered = isRegistered;
        _roots = roots;
        s_held.TryAdd(this, true);
    }

    /// <summary>Full logical paths that are protected, in order.</summary>
    public IReadOnlyList<string> Paths => [.. _paths.Order().Select(_store.Directory.Print)];

    /// <summary>Begins, with no path yet.</summary>
    /// <param name="store">The store.</param>
    /// <param name="isRegistered">Whether a full logical path is registered, at the moment of the question.</param>
    /// <param name="cancellation">Ends the waiting for the lock.</param>
    /// <exception cref="NixStoreException">StoreReadOnly</exception>
    /// <exception cref="StoreIOException"/>
    public static PathProtection Begin(StoreLocation store, Func<string, bool> isRegistered, CancellationToken cancellation)
    {
        StoreAccess.EnsureWritable(store);
        return new PathProtection(store, isRegistered, TemporaryRoots.Open(store, cancellation));
    }

    /// <summary>Protects a path, with all it needs.</summary>
    /// <exception cref="StorePathNotFoundException">It is not valid; then it is not protected.</exception>
    /// <exception cref="StoreIOException"/>
    public void Add(StorePath path, CancellationToken cancellation)
    {
        _roots.Add(path, cancellation);
        var full = _store.Directory.Print(path);
        if (!_isRegistered(full))
        {
            _hasOthers = true;
            throw new StorePathNotFoundException(full, _store);
        }

        _paths.Add(path);
    }

    /// <summary>
    /// After the last path: gives back the roots of paths that turned out not to be valid. A file of roots can only grow, so the others move to a
    /// new one before the old one goes.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    public void Complete(CancellationToken cancellation)
    {
        if (!_hasOthers)
        {
            return;
        }

        var roots = TemporaryRoots.Open(_store, cancellation);
        try
        {
            foreach (var path in _paths)
            {
                roots.Add(path, cancellation);
            }
        }
        catch
        {
            roots.Dispose();
            throw;
        }

        (var old, _roots) = (_roots, roots);
        old.Dispose();
        _hasOthers = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (s_held.TryRemove(this, out _))
        {
            _roots.Dispose();
        }
    }
}
