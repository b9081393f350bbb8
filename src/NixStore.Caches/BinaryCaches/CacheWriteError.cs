namespace NixStore.Caches.BinaryCaches;

/// <summary>Tells a full disk from other reasons why a cache could not be written.</summary>
internal static class CacheWriteError
{
    // .NET leaves errno in HResult.
    private const int NoSpace = 28, QuotaExceeded = 122;

    public static NixStoreException From(Exception e, StorePath path, string url)
    {
        var kind = e switch
        {
            UnauthorizedAccessException => StoreErrorKind.PermissionDenied,
            { HResult: NoSpace or QuotaExceeded } => StoreErrorKind.DiskFull,
            _ => StoreErrorKind.WriteError,
        };
        return new NixStoreException("BinaryCacheWriteFailed", kind, $"'{path}' could not be added to '{url}': {e.Message}", url,
            kind == StoreErrorKind.DiskFull ? "Make room there." : null, e);
    }
}
