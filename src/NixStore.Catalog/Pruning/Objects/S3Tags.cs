using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Tags objects for a rule of the bucket's lifecycle, and makes that rule; what others have set stays.</summary>
internal sealed class S3Tags(S3Objects bucket, string planId)
{
    /// <summary>Name of the tag; its value is the plan's id.</summary>
    internal const string TagName = "nixstore-prune";

    private string RuleId => $"{TagName}-{planId}";

    /// <summary>Whether an object has our tag; null when it is not there.</summary>
    internal Task<bool?> IsSet(string key, CancellationToken cancellation) => Ask<bool?>(key, async name => (await TagsOf(name, cancellation).ConfigureAwait(false)).Exists(IsOurs), null);

    /// <summary>Sets our tag, or takes it away; false when the object is not there.</summary>
    internal Task<bool> Set(string key, bool isSet, CancellationToken cancellation) => Ask(
        key,
        async name =>
        {
            var before = await TagsOf(name, cancellation).ConfigureAwait(false);
            var tags = before.Where(tag => tag.Key != TagName).ToList();
            if (isSet)
            {
                tags.Add(new Tag { Key = TagName, Value = planId });
            }

            if (isSet ? !before.Exists(IsOurs) : tags.Count < before.Count)
            {
                // Of what has versions, radosgw takes tags only from one that is named.
                var version = isSet ? null : (await bucket.Look([key], cancellation).ConfigureAwait(false)).GetValueOrDefault(key)?.Version;
                await bucket.Calls.Send(
                    token => tags.Count == 0
                        ? Finish(bucket.Client.DeleteObjectTaggingAsync(new DeleteObjectTaggingRequest { BucketName = bucket.Bucket, Key = name, VersionId = version }, token))
                        : Finish(bucket.Client.PutObjectTaggingAsync(
                            new PutObjectTaggingRequest { BucketName = bucket.Bucket, Key = name, VersionId = version, Tagging = new Tagging { TagSet = tags } }, token)),
                    cancellation).ConfigureAwait(false);
            }

            return true;
        },
        false);

    /// <summary>
    /// Makes the rule by which tagged objects go; once for a plan. Its day counts from when an object was written: what is older goes when the bucket looks
    /// next, which it does about once a day.
    /// </summary>
    internal Task AddRule(CancellationToken cancellation) => Change(
        rules => rules.Exists(rule => rule.Id == RuleId) ? null : [.. rules, new LifecycleRule
        {
            Id = RuleId,
            Status = LifecycleRuleStatus.Enabled,
            Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecycleTagPredicate { Tag = new Tag { Key = TagName, Value = planId } } },
            Expiration = new LifecycleRuleExpiration { Days = 1 },
        }],
        cancellation);

    /// <summary>Takes the rule away.</summary>
    internal Task RemoveRule(CancellationToken cancellation)
        => Change(rules => rules.Exists(rule => rule.Id == RuleId) ? rules.FindAll(rule => rule.Id != RuleId) : null, cancellation);

    private bool IsOurs(Tag tag) => tag.Key == TagName && tag.Value == planId;

    private async Task<List<Tag>> TagsOf(string name, CancellationToken cancellation) => (await bucket.Calls.Send(
        token => bucket.Client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket.Bucket, Key = name }, token), cancellation).ConfigureAwait(false)).Tagging ?? [];

    private async Task<T> Ask<T>(string key, Func<string, Task<T>> ask, T missing)
    {
        try
        {
            return await ask(bucket.KeyOf(key)).ConfigureAwait(false);
        }
        catch (HttpStatusException error) when (error.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed && error.Code is not "NoSuchBucket")
        {
            // Of what a delete marker hides, some servers say that this is not allowed.
            return missing;
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, key, "s3:GetObjectTagging, s3:PutObjectTagging, s3:DeleteObjectTagging and, in a bucket with versions, s3:PutObjectVersionTagging and s3:DeleteObjectVersionTagging");
        }
    }

    private async Task Change(Func<List<LifecycleRule>, List<LifecycleRule>?> change, CancellationToken cancellation)
    {
        try
        {
            if (change(await S3Lifecycle.Rules(bucket, cancellation).ConfigureAwait(false)) is { } rules)
            {
                await bucket.Calls.Send(
                    token => rules.Count == 0
                        ? Finish(bucket.Client.DeleteLifecycleConfigurationAsync(new DeleteLifecycleConfigurationRequest { BucketName = bucket.Bucket }, token))
                        : Finish(bucket.Client.PutLifecycleConfigurationAsync(
                            new PutLifecycleConfigurationRequest { BucketName = bucket.Bucket, Configuration = new LifecycleConfiguration { Rules = rules } }, token)),
                    cancellation).ConfigureAwait(false);
            }
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, "", "s3:GetLifecycleConfiguration and s3:PutLifecycleConfiguration");
        }
    }

    private static async Task<bool> Finish(Task request)
    {
        await request.ConfigureAwait(false);
        return true;
    }
}
