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
    /// <param name="onlyIfAbsent">Asks the server to leave what is there by that name. Some do not know how to (radosgw): whoever asks has looked before.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>True when it was copied; false when it is another one by now, or when something is there; null when it is gone.</returns>
    /// <exception cref="NixStoreException">ObjectRequestRefused; errors of the way there.</exception>
    internal async Task<bool?> Run(ObjectState seen, string to, bool onlyIfAbsent, CancellationToken cancellation)
    {
        try
        {
            if (seen.Size > SingleLimit)
            {
                return await new S3CopyInParts(source, target, PartSize).Run(seen, to, onlyIfAbsent, cancellation).ConfigureAwait(false);
            }

            await AtOnce(seen, to, onlyIfAbsent, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (HttpStatusException error) when (error.Status == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
        catch (HttpStatusException error) when (error.Code is "NoSuchKey" or "NoSuchVersion" or "NotFound")
        {
            return null;
        }
        catch (HttpStatusException error)
        {
            throw source.Calls.ToError(error, seen.Key, "s3:GetObject and s3:PutObject");
        }
    }

    /// <summary>A tag as it stands in headers.</summary>
    internal static string? Quoted(string? tag) => tag is null ? null : $"\"{tag}\"";

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
}
