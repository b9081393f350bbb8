using System.Collections.Concurrent;
using System.Net;
using Amazon.S3.Model;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Looks at objects of a bucket: by a listing as long as it shows many of them, and one by one where they are far apart.</summary>
internal sealed class S3Look(S3Objects bucket, BinaryCache files)
{
    /// <summary>A page of a listing costs as much as so many single questions.</summary>
    private const int PageWorth = 10, PageSize = 1000;

    internal async Task<IReadOnlyDictionary<string, ObjectState>> At(IReadOnlyList<string> keys, bool versions, CancellationToken cancellation)
    {
        var found = new ConcurrentDictionary<string, ObjectState>(StringComparer.Ordinal);
        if (keys.Count == 0)
        {
            return found;
        }

        var next = await Task.Run(() => ByListing(keys, versions ? Versions(keys[0], cancellation) : Current(keys[0], cancellation), found), cancellation).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            keys.Skip(next),
            new ParallelOptions { MaxDegreeOfParallelism = bucket.Access.ThrottleLimit, CancellationToken = cancellation },
            async (key, token) =>
            {
                if (await (versions ? VersionOf(key, token) : StateOf(key, token)).ConfigureAwait(false) is { } state)
                {
                    found[key] = state;
                }
            }).ConfigureAwait(false);
        return found;
    }

    /// <summary>Follows a listing; gives the number of keys that it has told everything of.</summary>
    private static int ByListing(IReadOnlyList<string> keys, IEnumerable<ObjectState> listing, ConcurrentDictionary<string, ObjectState> found)
    {
        var (next, seen) = (0, 0);
        foreach (var state in listing)
        {
            while (next < keys.Count && string.CompareOrdinal(keys[next], state.Key) < 0)
            {
                next++;
            }

            if (next < keys.Count && keys[next] == state.Key)
            {
                found[keys[next++]] = state;
            }

            if (next == keys.Count || (++seen % PageSize == 0 && next < seen / PageSize * PageWorth))
            {
                return next;
            }
        }

        return keys.Count;
    }

    private IEnumerable<ObjectState> Current(string first, CancellationToken cancellation)
        => files.List("", first[..^1], cancellation).Select(file => new ObjectState(file.Name, file.Size, file.ETag, file.LastModified, file.StorageClass));

    private async Task<ObjectState?> StateOf(string key, CancellationToken cancellation)
    {
        try
        {
            var answer = await bucket.Calls.Send(
                token => bucket.Client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket.Bucket, Key = bucket.KeyOf(key) }, token), cancellation).ConfigureAwait(false);
            return new ObjectState(key, answer.ContentLength, answer.ETag?.Trim('"'), answer.LastModified ?? DateTime.MaxValue, answer.StorageClass?.Value, answer.VersionId);
        }
        catch (HttpStatusException error) when (error.Status == HttpStatusCode.NotFound && error.Code != "NoSuchBucket")
        {
            return null;
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, key, "s3:GetObject and s3:ListBucket");
        }
    }

    /// <summary>The newest state of each key: what a delete marker hides is told with the marker.</summary>
    private IEnumerable<ObjectState> Versions(string first, CancellationToken cancellation)
        => S3Versions.Newest(S3Versions.List(bucket, "", first[..^1], cancellation), bucket).Where(state => string.CompareOrdinal(state.Key, first) >= 0);

    private async Task<ObjectState?> VersionOf(string key, CancellationToken cancellation)
        => await Task.Run(() => S3Versions.Newest(S3Versions.List(bucket, key, null, cancellation), bucket).FirstOrDefault(state => state.Key == key), cancellation).ConfigureAwait(false);
}
