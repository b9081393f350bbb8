namespace NixStore.Engine.Stores;

/// <summary>Whether a store may be changed, or looked at as a whole.</summary>
internal static class StoreAccess
{
    /// <exception cref="NixStoreException">StoreReadOnly</exception>
    internal static void EnsureWritable(StoreLocation store)
    {
        if (store.IsReadOnly)
        {
            throw new NixStoreException("StoreReadOnly", StoreErrorKind.PermissionDenied, $"The store {store.Url} was opened read-only.", store.Url,
                "Open it without read-only=true.");
        }
    }

    /// <summary>
    /// Refuses an overlay store where database and directory are weighed against each other: each of its layers has a part of either.
    /// </summary>
    /// <exception cref="NixStoreException">OverlayNotSupported</exception>
    internal static void EnsureNoOverlay(StoreLocation store)
    {
        if (store.Overlay is { } overlay)
        {
            throw new NixStoreException("OverlayNotSupported", StoreErrorKind.NotSupported,
                $"{store.Url} is an overlay store: its database and its directory are not all of it.", store.Url,
                $"Use Test-OverlayStore, Repair-OverlayStore, Repair-StorePath or Optimize-OverlayStore; and this command for the lower store: -Store '{overlay.LowerUrl}'.");
        }
    }
}
