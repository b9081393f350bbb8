namespace NixStore.Caches.BinaryCaches;

/// <summary>Opens binary caches by their address.</summary>
public static class BinaryCacheFactory
{
    /// <summary>Opens a cache and reads its <c>nix-cache-info</c>.</summary>
    /// <param name="url"><c>file:///…</c>, <c>http://…</c> or <c>https://…</c>, with Nix's settings behind a <c>?</c>.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="NixStoreException">
    /// InvalidBinaryCacheUrl, UnknownBinaryCacheScheme, BinaryCacheSchemeNotSupported, NotABinaryCache, StoreDirectoryMismatch,
    /// BinaryCacheInfoCorrupt; errors of reading.
    /// </exception>
    public static BinaryCache Open(string url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        => Open(BinaryCacheUrl.Parse(url), options, cancellation);

    /// <summary>Opens a cache and reads its <c>nix-cache-info</c>.</summary>
    /// <inheritdoc cref="Open(string, BinaryCacheOptions?, CancellationToken)"/>
    public static BinaryCache Open(BinaryCacheUrl url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        => url.Scheme == "file"
            ? new FileBinaryCache(url, options, cancellation)
            : new HttpBinaryCache(url, options, cancellation);
}
