using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>A copy on the server's side of an object that is larger than the server copies at once.</summary>
/// <param name="source">Where it is.</param>
/// <param name="target">Where it is to be; on the same server.</param>
/// <param name="partSize">Bytes of a part.</param>
internal sealed class S3CopyInParts(S3Objects source, S3Objects target, long partSize)
{
    /// <summary>Copies it.</summary>
    /// <returns>As of <see cref="S3Copy.Run"/>.</returns>
    /// <exception cref="HttpStatusException"/>
    internal async Task<bool?> Run(ObjectState seen, string to, bool onlyIfAbsent, CancellationToken cancellation)
    {
        var upload = await Begin(seen, to, cancellation).ConfigureAwait(false);
        try
        {
            var count = (int)((seen.Size + partSize - 1) / partSize);
            var parts = new PartETag[count];
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (part, token) =>
            {
                var first = part * partSize;
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
                            LastByte = Math.Min(seen.Size, first + partSize) - 1,
                            ETagToMatch = seen.ETag is { } tag ? [S3Copy.Quoted(tag)] : null,
                        },
                        inner),
                    token).ConfigureAwait(false);
                parts[part] = new PartETag(part + 1, answer.ETag);
            }).ConfigureAwait(false);

            // Not every server looks at the condition of a part (radosgw), and an object may have changed between two of them.
            if (await IsStill(seen, cancellation).ConfigureAwait(false) is not true and var state)
            {
                await Abort(to, upload).ConfigureAwait(false);
                return state;
            }

            await Complete(to, upload, parts, seen.Size, onlyIfAbsent, cancellation).ConfigureAwait(false);
            return true;
        }
        catch
        {
            await Abort(to, upload).ConfigureAwait(false);
            throw;
        }
    }

    // A version is what it is for ever.
    private async Task<bool?> IsStill(ObjectState seen, CancellationToken cancellation)
        => seen.Version is not null ? true
            : (await source.Look([seen.Key], cancellation).ConfigureAwait(false)).TryGetValue(seen.Key, out var now) && now.IsThere
                ? now.ETag == seen.ETag && now.Size == seen.Size : null;

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

    private async Task Complete(string to, string upload, PartETag[] parts, long size, bool onlyIfAbsent, CancellationToken cancellation)
    {
        try
        {
            await target.Calls.Send(
                token => target.Client.CompleteMultipartUploadAsync(
                    new CompleteMultipartUploadRequest
                    {
                        BucketName = target.Bucket,
                        Key = target.KeyOf(to),
                        UploadId = upload,
                        PartETags = [.. parts],
                        IfNoneMatch = onlyIfAbsent ? "*" : null,
                    },
                    token),
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
}
