using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Http;
using NixStore.Caches.Narinfo;
using NixStore.Caches.S3.Credentials;

namespace NixStore.Caches.S3;

/// <summary>
/// A cache in a bucket, <c>s3://bucket?region=…</c>, with Nix's settings and credentials. It is read as any cache on a web server; it can also be
/// listed and written.
/// </summary>
public sealed class S3BinaryCache : HttpBinaryCache
{
    private readonly S3BinaryCacheWriter _writer;

    /// <summary>Opens it and asks for its <c>nix-cache-info</c>.</summary>
    /// <exception cref="NixStoreException">
    /// As of <see cref="HttpBinaryCache"/>; InvalidBinaryCacheUrl, BucketNotFound, BucketElsewhere, BinaryCacheCredentialsRefused,
    /// AwsCredentialsUnavailable, AwsProfileNotFound.
    /// </exception>
    public S3BinaryCache(BinaryCacheUrl url, BinaryCacheOptions? options = null, CancellationToken cancellation = default)
        : this(url, options, null, null, cancellation)
    {
    }

    internal S3BinaryCache(
        BinaryCacheUrl url, BinaryCacheOptions? options, AwsCredentialChain? credentials, TimeProvider? retryClock, CancellationToken cancellation)
        : this(url, options ?? new BinaryCacheOptions(), S3Location.Of(url), credentials, retryClock, cancellation)
    {
    }

    private S3BinaryCache(
        BinaryCacheUrl url, BinaryCacheOptions options, S3Location location, AwsCredentialChain? credentials, TimeProvider? retryClock,
        CancellationToken cancellation)
        : base(url, options, location.UriOf(location.Prefix), MakeTransport(options, location, credentials, retryClock))
    {
        Location = location;
        _writer = new S3BinaryCacheWriter(this, Transport);
        ConnectOrDispose(cancellation);
    }

    /// <summary>Where its objects are.</summary>
    public S3Location Location { get; }

    /// <inheritdoc/>
    public override string Address => S3Address.Of(Url, Location.Parameters);

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanList => true;

    /// <inheritdoc/>
    public override IEnumerable<BinaryCacheFile> List(string prefix = "", string? after = null, CancellationToken cancellation = default)
        => new S3Listing(Location, Transport).List(prefix, after, cancellation);

    /// <inheritdoc/>
    public override NarInfo Add(
        ValidPathInfo info, Action<Stream> writeNar, BinaryCacheAddOptions? options = null, CancellationToken cancellation = default)
        => _writer.Add(info, writeNar, options ?? new BinaryCacheAddOptions(), cancellation);

    // A key is what it is: no part of it is read as an escape, a query or a fragment.
    private protected override Uri UriOf(string relative)
        => NarUrl.IsAbsolute(CheckedName(relative)) ? new Uri(relative) : Location.UriOf(Location.Prefix + relative);

    private static HttpTransport MakeTransport(BinaryCacheOptions options, S3Location location, AwsCredentialChain? credentials, TimeProvider? retryClock)
    {
        var chain = credentials ?? AwsCredentialChain.Default(location.Parameters.Profile, location.Parameters.Region);
        return new HttpTransport(new S3Authorizer(location, chain, TimeProvider.System), options, retryClock, followRedirects: false);
    }
}
