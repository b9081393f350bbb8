using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Copies objects on the server's side; nothing of them comes by here. What is larger than the server copies at once goes in parts.</summary>
/// <param name="source">Where they are.</param>
/// <param name="target">Where they are to be; on the same server.</param>
internal sealed class S3Copy(S3Objects source, S3Objects target)
{
    /// <summary>The largest object that is copied by one request.</summary>
    internal const long MaximumSingleCopy = 5L << 30;

    /// <summary>The size of a part, as large as the server allows.</summary>
    internal long PartSize { get; init; } = 1L << 30;

    /// <summary>The largest object that is copied by one request here.</summary>
    internal long SingleLimit { get; init; } = MaximumSingleCopy;

    /// <summary>Copies an object if it is still the one that was seen.</summary>
    /// <param name="seen">As it was seen.</param>
    /// <param name="to">The copy's name.</param>
    /// <param name="onlyIfAbsent">Leaves what is there by that name.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>True when it was copied; false when it is another one by now, or when something is there; null when it is gone.</returns>
    /// <exception cref="NixStoreException">ObjectRequestRefused; errors of the way there.</exception>
    internal async Task<bool?> Run(ObjectState seen, string to, bool onlyIfAbsent, CancellationToken cancellation)
    {
        try
        {
            await (seen.Size > SingleLimit ? InParts(seen, to, cancellation) : (Task)AtOnce(seen, to, onlyIfAbsent, cancellation)).ConfigureAwait(false);
            return true;
        }
        catch (HttpStatusException error) when (error.Status == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
        catch (HttpStatusException error) when (error.Code is "NoSuchKey" or "NoSuchVersion")
        {
            return null;
        }
        catch (HttpStatusException error)
        {
            throw source.Calls.ToError(error, seen.Key, "s3:GetObject and s3:PutObject");
        }
    }

    private Task<CopyObjectResponse> AtOnce(ObjectState seen, string to, bool onlyIfAbsent, CancellationToken cancellation) => target.Calls.Send(
        token => target.Client.CopyObjectAsync(
            new CopyObjectRequest
            {
                SourceBucket = source.Bucket,
                SourceKey = source.KeyOf(seen.Key),
                SourceVersionId = seen.Version,
                DestinationBucket = target.Bucket,
                DestinationKey = target.KeyOf(to),
                ETagToMatch = Quoted(seen.ETag),
                IfNoneMatch = onlyIfAbsent ? "*" : null,
                StorageClass = seen.StorageClass is { } name ? S3StorageClass.FindValue(name) : null,
            },
            token),
        cancellation);

    private async Task<bool> InParts(ObjectState seen, string to, CancellationToken cancellation)
    {
        var upload = await Begin(seen, to, cancellation).ConfigureAwait(false);
        try
        {
            var count = (int)((seen.Size + PartSize - 1) / PartSize);
            var parts = new PartETag[count];
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (part, token) =>
            {
                var first = part * PartSize;
                var answer = await target.Calls.Send(
                    inner => target.Client.CopyPartAsync(
                        new CopyPartRequest
                        {
                            SourceBucket = source.Bucket,
                            SourceKey = source.KeyOf(seen.Key),
                            SourceVersionId = seen.Version,
                            DestinationBucket = target.Bucket,
                            DestinationKey = target.KeyOf(to),
                            UploadId = upload,
                            PartNumber = part + 1,
                            FirstByte = first,
                            LastByte = Math.Min(seen.Size, first + PartSize) - 1,
                            ETagToMatch = seen.ETag is { } tag ? [Quoted(tag)] : null,
                        },
                        inner),
                    token).ConfigureAwait(false);
                parts[part] = new PartETag(part + 1, answer.ETag);
            }).ConfigureAwait(false);
            await Complete(to, upload, parts, seen.Size, cancellation).ConfigureAwait(false);
            return true;
        }
        catch
        {
            await Abort(to, upload).ConfigureAwait(false);
            throw;
        }
    }

    // A copy in parts takes nothing over by itself.
    private async Task<string> Begin(ObjectState seen, string to, CancellationToken cancellation)
    {
        var about = await source.Calls.Send(
            token => source.Client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = source.Bucket, Key = source.KeyOf(seen.Key), VersionId = seen.Version }, token),
            cancellation).ConfigureAwait(false);
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = target.Bucket,
            Key = target.KeyOf(to),
            ContentType = about.Headers.ContentType,
            StorageClass = seen.StorageClass is { } name ? S3StorageClass.FindValue(name) : null,
        };
        request.Headers.ContentEncoding = about.Headers.ContentEncoding;
        request.Headers.CacheControl = about.Headers.CacheControl;
        foreach (var item in about.Metadata.Keys)
        {
            request.Metadata[item] = about.Metadata[item];
        }

        return (await target.Calls.Send(token => target.Client.InitiateMultipartUploadAsync(request, token), cancellation).ConfigureAwait(false)).UploadId;
    }

    private async Task Complete(string to, string upload, PartETag[] parts, long size, CancellationToken cancellation)
    {
        try
        {
            await target.Calls.Send(
                token => target.Client.CompleteMultipartUploadAsync(
                    new CompleteMultipartUploadRequest { BucketName = target.Bucket, Key = target.KeyOf(to), UploadId = upload, PartETags = [.. parts] }, token),
                cancellation).ConfigureAwait(false);
        }
        catch (HttpStatusException error) when (error.Code == "NoSuchUpload")
        {
            // An earlier attempt has completed it, and only its answer was lost.
            if ((await target.Look([to], cancellation).ConfigureAwait(false)).GetValueOrDefault(to)?.Size != size)
            {
                throw;
            }
        }
    }

    // Parts that nobody completes cost money; should this fail, too, the bucket's lifecycle is left.
    private async Task Abort(string to, string upload)
    {
        try
        {
            await target.Calls.Send(
                token => target.Client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = target.Bucket, Key = target.KeyOf(to), UploadId = upload }, token),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpStatusException or NixStoreException)
        {
            // What went wrong before is what is to be told.
        }
    }

    private static string? Quoted(string? tag) => tag is null ? null : $"\"{tag}\"";
}
