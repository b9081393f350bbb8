using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Lists what a bucket that keeps versions has, older versions and delete markers included.</summary>
internal static class S3Versions
{
    /// <summary>All versions, of each key the newest first.</summary>
    internal static IEnumerable<S3ObjectVersion> List(S3Objects bucket, string prefix, string? after, CancellationToken cancellation)
    {
        var (key, version) = (after is null ? null : bucket.KeyOf(after), (string?)null);
        while (true)
        {
            var request = new ListVersionsRequest
            {
                BucketName = bucket.Bucket, Prefix = bucket.KeyOf(prefix), KeyMarker = key, VersionIdMarker = version,
            };
            var page = Page(bucket, request, cancellation);
            foreach (var item in page.Versions ?? [])
            {
                yield return item;
            }

            if (page.IsTruncated != true)
            {
                yield break;
            }

            (key, version) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
    }

    /// <summary>The newest state of each key. One that was only ever deleted is not among them.</summary>
    internal static IEnumerable<ObjectState> Newest(IEnumerable<S3ObjectVersion> versions, S3Objects bucket)
    {
        (string Key, string? Marker, bool IsTold) last = ("", null, false);
        foreach (var version in versions)
        {
            if (version.Key != last.Key)
            {
                last = (version.Key, version.IsDeleteMarker == true ? version.VersionId : null, false);
            }

            if (!last.IsTold && version.IsDeleteMarker != true)
            {
                last.IsTold = true;
                yield return new ObjectState(bucket.NameOf(version.Key), version.Size ?? 0, version.ETag?.Trim('"'), version.LastModified ?? DateTime.MaxValue,
                    version.StorageClass?.Value, version.VersionId, last.Marker);
            }
        }
    }

    private static ListVersionsResponse Page(S3Objects bucket, ListVersionsRequest request, CancellationToken cancellation)
    {
        try
        {
            return bucket.Calls.Send(token => bucket.Client.ListVersionsAsync(request, token), cancellation).GetAwaiter().GetResult();
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, request.Prefix ?? "", "s3:ListBucketVersions");
        }
    }
}
