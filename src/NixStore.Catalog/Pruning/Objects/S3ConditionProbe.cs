using System.Text;
using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>
/// Finds out once whether a server heeds the tags in DeleteObjects: many take the request and delete all the same. An object of our own is tried,
/// in the trash.
/// </summary>
internal sealed class S3ConditionProbe(S3Objects bucket)
{
    internal async Task<bool> Run()
    {
        var key = bucket.KeyOf($"{ObjectKeys.TrashPrefix}probe-{Guid.NewGuid():N}");
        try
        {
            await bucket.Calls.Send(
                token => bucket.Client.PutObjectAsync(
                    new PutObjectRequest { BucketName = bucket.Bucket, Key = key, InputStream = new MemoryStream("probe"u8.ToArray()), UseChunkEncoding = false }, token),
                CancellationToken.None).ConfigureAwait(false);
            var wrong = new KeyVersion { Key = key, ETag = "\"" + Convert.ToHexStringLower(Encoding.ASCII.GetBytes("not-its-tag-0123")) + "\"" };
            await bucket.Calls.Send(token => S3Deletion.Ask(bucket, [wrong], token), CancellationToken.None).ConfigureAwait(false);
            var isThere = (await bucket.Calls.Send(
                token => bucket.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket.Bucket, Prefix = key }, token), CancellationToken.None).ConfigureAwait(false)).KeyCount > 0;
            await Remove(key).ConfigureAwait(false);
            return isThere;
        }
        catch (HttpStatusException)
        {
            // Who may not write there, or whose server knows no tags, has each object looked at before it goes.
            return false;
        }
    }

    private async Task Remove(string key)
    {
        var versions = await bucket.KeepsVersions.ConfigureAwait(false)
            ? S3Versions.List(bucket, bucket.NameOf(key), null, CancellationToken.None).Select(version => new KeyVersion { Key = version.Key, VersionId = version.VersionId }).ToList()
            : [new KeyVersion { Key = key }];
        await bucket.Calls.Send(token => S3Deletion.Ask(bucket, versions, token), CancellationToken.None).ConfigureAwait(false);
    }
}
