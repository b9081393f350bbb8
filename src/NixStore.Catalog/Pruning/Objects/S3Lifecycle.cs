using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Reads the rules by which a bucket deletes objects at its own time.</summary>
internal static class S3Lifecycle
{
    /// <summary>The rules, those that are switched off among them.</summary>
    /// <exception cref="HttpStatusException">The server refused.</exception>
    internal static async Task<List<LifecycleRule>> Rules(S3Objects bucket, CancellationToken cancellation)
    {
        try
        {
            var answer = await bucket.Calls.Send(
                token => bucket.Client.GetLifecycleConfigurationAsync(new GetLifecycleConfigurationRequest { BucketName = bucket.Bucket }, token), cancellation).ConfigureAwait(false);
            return answer.Configuration?.Rules ?? [];
        }
        catch (HttpStatusException error) when (error.Code is "NoSuchLifecycleConfiguration" or "NotImplemented")
        {
            return [];
        }
    }

    /// <summary>After how many days an older version of some object of the cache may go for good; null = none does.</summary>
    /// <exception cref="NixStoreException">ObjectRequestRefused; errors of the way there.</exception>
    internal static async Task<int?> NoncurrentDays(S3Objects bucket, CancellationToken cancellation)
    {
        try
        {
            // A rule that leaves some newer versions alone leaves alone the newest one that a delete marker hides.
            return (await Rules(bucket, cancellation).ConfigureAwait(false))
                .Where(rule => rule.Status == LifecycleRuleStatus.Enabled && Concerns(PrefixOf(rule), bucket.KeyOf("")) && rule.NoncurrentVersionExpiration is { NewerNoncurrentVersions: null or 0 })
                .Min(rule => rule.NoncurrentVersionExpiration.NoncurrentDays);
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, "", "s3:GetLifecycleConfiguration");
        }
    }

    /// <summary>Tags, sizes and prefixes of the old form are not looked at: some object of the cache may have them.</summary>
    private static string PrefixOf(LifecycleRule rule) => (rule.Filter?.LifecycleFilterPredicate switch
    {
        LifecyclePrefixPredicate prefix => prefix.Prefix,
        LifecycleAndOperator all => all.Operands.OfType<LifecyclePrefixPredicate>().FirstOrDefault()?.Prefix,
        _ => null,
    }) ?? "";

    private static bool Concerns(string prefix, string cache)
        => !prefix.StartsWith(cache + ObjectKeys.TrashPrefix, StringComparison.Ordinal) && (prefix.StartsWith(cache, StringComparison.Ordinal) || cache.StartsWith(prefix, StringComparison.Ordinal));
}
