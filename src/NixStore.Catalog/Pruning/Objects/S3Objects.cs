using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Http;
using NixStore.Caches.S3;
using NixStore.Caches.S3.Credentials;
using S3Location = NixStore.Caches.S3.S3Location;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>The objects of a bucket. It is read and listed as a cache is; what changes something goes through the SDK.</summary>
internal sealed class S3Objects : IObjectControl
{
    private readonly S3BinaryCache _files;
    private readonly Lazy<Task<bool>> _keepsVersions;
    private readonly Lazy<Task<bool>> _conditions;
    private readonly S3Look _look;

    internal S3Objects(BinaryCacheUrl url, ObjectAccess access, AwsCredentialChain? credentials, CancellationToken cancellation)
    {
        Location = S3Location.Of(url);
        Access = access;
        var chain = credentials ?? AwsCredentialChain.Default(Location.Parameters.Profile, Location.Parameters.Region);
        var options = new BinaryCacheOptions
        {
            Create = true,
            MaximumConnections = access.ThrottleLimit,
            MaximumAttempts = access.MaximumAttempts,
            RetryDelay = access.RetryDelay,
            MaximumRetryDelay = access.MaximumRetryDelay,
            StalledDownloadTimeout = access.Timeout,
        };
        _files = new S3BinaryCache(url, options, chain, null, cancellation);
        Calls = new S3Calls(Location, chain, access, TimeProvider.System);
        Client = new AmazonS3Client(S3Keys.Of(chain, cancellation), Configure(Location, access));
        _look = new S3Look(this, _files);
        _keepsVersions = new Lazy<Task<bool>>(AskForVersioning);
        _conditions = new Lazy<Task<bool>>(() => new S3ConditionProbe(this).Run());
    }

    /// <inheritdoc/>
    public string Address => _files.Address;

    /// <inheritdoc/>
    public BinaryCache Files => _files;

    /// <summary>Where it is.</summary>
    internal S3Location Location { get; }

    /// <summary>How it is asked.</summary>
    internal ObjectAccess Access { get; }

    /// <summary>The SDK's client; every request goes through <see cref="Calls"/>.</summary>
    internal AmazonS3Client Client { get; }

    /// <summary>Retries, limits and errors.</summary>
    internal S3Calls Calls { get; }

    /// <summary>The bucket.</summary>
    internal string Bucket => Location.Bucket;

    /// <summary>True when what is deleted stays as an older version.</summary>
    internal Task<bool> KeepsVersions => _keepsVersions.Value;

    /// <summary>True when the server deletes an object only if it has the tag that the request names.</summary>
    internal Task<bool> HonoursConditions => _conditions.Value;

    /// <summary>The whole key of an object.</summary>
    internal string KeyOf(string key) => Location.Prefix + key;

    /// <summary>The name of a key in the cache.</summary>
    internal string NameOf(string key) => key[Location.Prefix.Length..];

    /// <inheritdoc/>
    public IEnumerable<ObjectState> List(string prefix, string? after, CancellationToken cancellation)
        => _files.List(prefix, after, cancellation).Select(file => new ObjectState(file.Name, file.Size, file.ETag, file.LastModified, file.StorageClass));

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, ObjectState>> Look(IReadOnlyList<string> keys, CancellationToken cancellation)
        => await _look.At(keys, await KeepsVersions.ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>Looks at objects by their versions, also in a bucket that keeps no more of them than it has.</summary>
    /// <exception cref="NixStoreException">Errors of reading.</exception>
    internal Task<IReadOnlyDictionary<string, ObjectState>> LookAtVersions(IReadOnlyList<string> keys, CancellationToken cancellation) => _look.At(keys, versions: true, cancellation);

    /// <inheritdoc/>
    public async Task<byte[]?> Read(string key, string? version, int limit, CancellationToken cancellation)
    {
        try
        {
            return await Calls.Send(token => ReadOnce(key, version, limit, token), cancellation).ConfigureAwait(false);
        }
        catch (HttpStatusException error) when (error.Status == HttpStatusCode.NotFound)
        {
            return error.Code == "NoSuchBucket" ? throw Calls.ToError(error, key, "s3:GetObject") : null;
        }
        catch (HttpStatusException error)
        {
            throw Calls.ToError(error, key, version is null ? "s3:GetObject" : "s3:GetObjectVersion");
        }
    }

    /// <inheritdoc/>
    public async Task Write(string key, byte[] bytes, CancellationToken cancellation)
    {
        try
        {
            await Calls.Send(
                token => Client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = Bucket,
                        Key = KeyOf(key),
                        InputStream = new MemoryStream(bytes, writable: false),
                        ContentType = "application/json",
                        UseChunkEncoding = false,
                    },
                    token),
                cancellation).ConfigureAwait(false);
        }
        catch (HttpStatusException error)
        {
            throw Calls.ToError(error, key, "s3:PutObject");
        }
    }

    /// <inheritdoc/>
    public Task Delete(IReadOnlyList<string> keys, CancellationToken cancellation)
        => new S3Deletion(this).Unconditionally([.. keys.Select(key => new KeyVersion { Key = KeyOf(key) })], cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        _files.Dispose();
    }

    private async Task<byte[]?> ReadOnce(string key, string? version, int limit, CancellationToken cancellation)
    {
        using var answer = await Client.GetObjectAsync(new GetObjectRequest { BucketName = Bucket, Key = KeyOf(key), VersionId = version }, cancellation).ConfigureAwait(false);
        var name = $"{Address}/{key}";
        using var body = new MemoryStream();
        using (var stored = NarCompressionNames.TryParseContentEncoding(answer.Headers.ContentEncoding ?? "", out var encoding) && encoding != NarCompression.None
            ? NarCodec.OpenDecoder(encoding, answer.ResponseStream, name) : answer.ResponseStream)
        {
            var buffer = new byte[32 << 10];
            int read;
            while ((read = await stored.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > limit)
                {
                    throw new NixStoreException("BinaryCacheFileTooLarge", StoreErrorKind.InvalidData, $"'{name}' is larger than the {limit} bytes it may have.", name);
                }
            }
        }

        return body.ToArray();
    }

    private async Task<bool> AskForVersioning()
    {
        try
        {
            var answer = await Calls.Send(token => Client.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = Bucket }, token), CancellationToken.None).ConfigureAwait(false);

            // Where it is suspended, a deletion replaces what has no version: such a bucket keeps nothing.
            return answer.VersioningConfig?.Status == VersionStatus.Enabled;
        }
        catch (HttpStatusException error)
        {
            throw Calls.ToError(error, "", "s3:GetBucketVersioning");
        }
    }

    private static AmazonS3Config Configure(S3Location location, ObjectAccess access) => new()
    {
        ServiceURL = location.ServiceUrl,
        AuthenticationRegion = location.Parameters.Region,
        ForcePathStyle = location.IsPathStyle,
        RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = Amazon.Runtime.ResponseChecksumValidation.WHEN_REQUIRED,
        MaxConnectionsPerServer = access.ThrottleLimit,
        MaxErrorRetry = 0,
        Timeout = access.Timeout,
    };
}
