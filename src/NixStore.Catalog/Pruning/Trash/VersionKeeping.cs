using System.Globalization;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Whether a bucket keeps what a plan takes, as older versions, for as long as the plan may need it.</summary>
internal static class VersionKeeping
{
    /// <summary>Asks the bucket; its owner may have changed it since the plan was begun with.</summary>
    /// <param name="method">How objects come back.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="needed">How long after they went they may be needed.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>After how many days the bucket's lifecycle deletes older versions; null when it does not, or nothing rests on them.</returns>
    /// <exception cref="NixStoreException">PruneVersioningSuspended, PruneVersionsExpire; errors of the way there.</exception>
    internal static async Task<int?> Ensure(TrashMethod method, IObjectControl cache, TimeSpan needed, CancellationToken cancellation)
    {
        if (method is not (TrashMethod.Marker or TrashMethod.Tag) || cache is not S3Objects bucket)
        {
            return null;
        }

        if (!await bucket.KeepsVersions.ConfigureAwait(false))
        {
            return method == TrashMethod.Tag ? null : throw new NixStoreException("PruneVersioningSuspended", StoreErrorKind.Security,
                $"The bucket '{bucket.Bucket}' has kept versions when the plan was begun with, and does not any more: what is deleted now would be gone for good.", bucket.Address,
                "Enable versioning again, then run the command again. What was taken so far can come back all the same.");
        }

        var days = await S3Lifecycle.NoncurrentDays(bucket, cancellation).ConfigureAwait(false);
        return days is not { } kept || TimeSpan.FromDays(kept) >= needed ? days : throw new NixStoreException("PruneVersionsExpire", StoreErrorKind.Security,
            string.Create(CultureInfo.InvariantCulture, $"The lifecycle of the bucket '{bucket.Bucket}' deletes older versions after {kept} days, and what the plan takes may be needed for {StoreDuration.Format(needed)}."), bucket.Address,
            "Have the rule (NoncurrentVersionExpiration) wait longer, give shorter delays, or let -TrashUrl name another bucket, to which objects are copied.");
    }
}
