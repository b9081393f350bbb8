using NixStore.Caches.BinaryCaches;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Opens what the addresses of caches and of trash stand for.</summary>
internal static class ObjectControls
{
    /// <summary>Opens a bucket or folder for changes.</summary>
    /// <exception cref="NixStoreException">InvalidBinaryCacheUrl; BinaryCacheReadOnly: it is on a web server; errors of reading.</exception>
    internal static IObjectControl Open(string address, ObjectAccess? access = null, CancellationToken cancellation = default)
    {
        var url = BinaryCacheUrl.Parse(address);
        return url.Scheme switch
        {
            "s3" => new S3Objects(url, access ?? new ObjectAccess(), null, cancellation),
            "file" => new FolderObjects(url),
            _ => throw new NixStoreException("BinaryCacheReadOnly", StoreErrorKind.NotSupported, $"Nothing can be taken out of '{url}': it is a web server.", url.Text,
                "Give the s3:// address of its bucket, or the file:// address of its folder."),
        };
    }
}
