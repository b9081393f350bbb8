namespace NixStore.Caches.BinaryCaches;

/// <summary>A cache on a web server.</summary>
public sealed class HttpBinaryCache : BinaryCache
{
    /// <summary>Opens it.</summary>
    public HttpBinaryCache(BinaryCacheUrl url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        : base(url, options ?? new BinaryCacheOptions())
    {
        Connect(cancellation);
    }

    /// <inheritdoc/>
    public override byte[]? TryReadFile(string relative, int limit, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Stream OpenFile(string relative, CancellationToken cancellation = default) => throw new NotImplementedException();
}
