namespace NixStore.Engine.Stores;

/// <summary>Whether a store may be changed.</summary>
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
}
