using NixStore.Caches.S3;

namespace NixStore.Caches.BinaryCaches;

/// <summary>Opens binary caches by their address.</summary>
public static class BinaryCacheFactory
{
    /// <summary>Opens a cache and reads its <c>nix-cache-info</c>.</summary>
    /// <param name="url"><c>file:///…</c>, <c>http://…</c>, <c>https://…</c> or <c>s3://bucket</c>, with Nix's settings behind a <c>?</c>.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="NixStoreException">
    /// InvalidBinaryCacheUrl, UnknownBinaryCacheScheme, NotABinaryCache, StoreDirectoryMismatch,
    /// BinaryCacheInfoCorrupt; errors of reading.
    /// </exception>
    public static BinaryCache Open(string url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        => Open(BinaryCacheUrl.Parse(url), options, cancellation);

    /// <summary>Opens a cache and reads its <c>nix-cache-info</c>.</summary>
    /// <inheritdoc cref="Open(string, BinaryCacheOptions?, CancellationToken)"/>
    public static BinaryCache Open(BinaryCacheUrl url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        => url.Scheme switch
        {
            "file" => new FileBinaryCache(url, options, cancellation),
            "s3" => new S3BinaryCache(url, options, cancellation),
            _ => new HttpBinaryCache(url, options, cancellation),
        };
}
