using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Collection;

/// <summary>
/// Deletes from an overlay store, and leaves no whiteout: what only the upper layer has goes through the mount, as everybody sees it; the
/// upper copy of what the lower store has goes from the upper layer itself, behind the kernel's back, for which the overlay is remounted at
/// the end (Nix libstore/local-overlay-store.cc:deleteStorePath).
/// </summary>
internal sealed class OverlayDeletion : IRemoval
{
    private readonly StoreLocation _store;
    private readonly Action<NixStoreException>? _warned;
    private readonly FileDescriptor _upper;
    private volatile bool _isStale;

    /// <summary>Opens both directories.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="warned">Told when the overlay needs to be remounted and cannot be.</param>
    /// <exception cref="StoreIOException"/>
    internal OverlayDeletion(StoreLocation store, Action<NixStoreException>? warned)
    {
        (_store, _warned) = (store, warned);
        Store = WritableMount.OpenDirectory(store.RealDirectory);
        try
        {
            _upper = Posix.Open(store.Overlay!.UpperLayer, OpenFlags.ReadOnly | OpenFlags.Directory);
        }
        catch
        {
            Store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public FileDescriptor Store { get; }

    /// <inheritdoc/>
    public FileDescriptor DirectoryOf(GarbageItem item) => item.Kind == StoreGarbageKind.Duplicate ? _upper : Store;

    /// <inheritdoc/>
    public string? Trash => null;

    /// <inheritdoc/>
    public CollectionOutcome Outcome => CollectionOutcome.Deleted;

    /// <inheritdoc/>
    public void Remove(Doomed thing)
    {
        _isStale |= thing.Item.Kind == StoreGarbageKind.Duplicate;
        thing.Tree.Remove(DirectoryOf(thing.Item));
    }

    /// <inheritdoc/>
    public bool IsUntouched(Doomed thing) => !thing.Tree.RemovedAny;

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _upper.Dispose();
        if (_isStale && OverlayRemount.TryRun(_store) is { } error)
        {
            _warned?.Invoke(error);
        }
    }
}
