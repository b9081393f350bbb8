using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>Finds the overlay store that somebody names.</summary>
public static class OverlayLocator
{
    /// <summary>Finds it.</summary>
    /// <param name="store">A URL, the directory that New-OverlayStore has made it in, or null for the store that Nix itself would use.</param>
    /// <exception cref="NixStoreException">NotAnOverlayStore, OverlayDescriptionInvalid, InvalidStoreUrl, StoreNotLocal</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreLocation Locate(string? store)
    {
        var location = StoreLocator.Locate(store is ['/', ..] && OverlayDescription.TryReadIn(store) is { } description ? description.Store : store);
        _ = LayersOf(location);
        return location;
    }

    /// <summary>The layers of a store that must have some.</summary>
    /// <exception cref="NixStoreException">NotAnOverlayStore</exception>
    internal static OverlayLayers LayersOf(StoreLocation store) => store.Overlay ?? throw new NixStoreException(
        "NotAnOverlayStore", StoreErrorKind.InvalidArgument, $"{store.Url} is no overlay store.", store.Url,
        "Give a URL local-overlay://?root=…&lower-store=…&upper-layer=…, or the directory that New-OverlayStore has made one in; Get-OverlayStore lists "
        + "those that are mounted.");
}
