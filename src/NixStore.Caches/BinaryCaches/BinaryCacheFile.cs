namespace NixStore.Caches.BinaryCaches;

/// <summary>One file of a cache as a listing shows it.</summary>
/// <param name="Name">Its name in the cache, with slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastModified">When it was written last.</param>
/// <param name="ETag">The bucket's tag of the contents, without quotes; null for a directory's file.</param>
/// <param name="StorageClass">The bucket's storage class; null where there is none.</param>
public sealed record BinaryCacheFile(string Name, long Size, DateTimeOffset LastModified, string? ETag = null, string? StorageClass = null)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
