using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>An overlay store that is mended. What a step needs is opened when the first one asks for it, and kept until disposal.</summary>
/// <param name="location">The store.</param>
internal sealed class MendedOverlay(StoreLocation location) : IDisposable
{
    private WritableStore? _store;
    private FileDescriptor? _upper;
    private StoreDatabase? _rows;
    private StoreDatabase? _lowerRows;

    /// <summary>Where it is.</summary>
    internal StoreLocation Location => location;

    /// <summary>Its layers.</summary>
    internal OverlayLayers Overlay => location.Overlay!;

    /// <summary>The store itself: database, locks, roots, and the directory as it is mounted.</summary>
    /// <exception cref="NixStoreException"/>
    internal WritableStore Open(CancellationToken cancellation) => _store ??= WritableStore.Open(location, cancellation);

    /// <summary>The directory of the upper layer, writable.</summary>
    /// <exception cref="StoreIOException"/>
    internal FileDescriptor Upper => _upper ??= WritableMount.OpenDirectory(Overlay.UpperLayer);

    /// <summary>The rows of its own database, for reading.</summary>
    /// <exception cref="NixStoreException"/>
    internal StoreDatabase Rows => _rows ??= StoreDatabase.OpenForReading(location.Own);

    /// <summary>The rows of the lower store, those in its log too.</summary>
    /// <exception cref="NixStoreException"/>
    internal StoreDatabase LowerRows => _lowerRows ??= StoreDatabase.OpenForReading(Overlay.Lower);

    /// <summary>True when a layer has a path; a whiteout is none.</summary>
    /// <exception cref="StoreIOException"/>
    internal bool HasFiles(StorePath path) => Overlay.LayerOf(path) is not null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows?.Dispose();
        _lowerRows?.Dispose();
        _upper?.Dispose();
        _store?.Dispose();
    }
}
