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

    /// <summary>Sets our tag, or takes it away; false when the object is not there.</summary>
    internal async Task<bool> Set(string key, bool isSet, CancellationToken cancellation)
    {
        var (name, had) = (bucket.KeyOf(key), false);
        try
        {
            var before = await bucket.Calls.Send(
                token => bucket.Client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket.Bucket, Key = name }, token), cancellation).ConfigureAwait(false);
            had = (before.Tagging ?? []).Exists(tag => tag.Key == TagName);
            var tags = (before.Tagging ?? []).Where(tag => tag.Key != TagName).ToList();
            if (isSet)
            {
                tags.Add(new Tag { Key = TagName, Value = planId });
            }

            if (isSet || had)
            {
                await bucket.Calls.Send(
                    token => tags.Count == 0
                        ? Finish(bucket.Client.DeleteObjectTaggingAsync(new DeleteObjectTaggingRequest { BucketName = bucket.Bucket, Key = name }, token))
                        : Finish(bucket.Client.PutObjectTaggingAsync(new PutObjectTaggingRequest { BucketName = bucket.Bucket, Key = name, Tagging = new Tagging { TagSet = tags } }, token)),
                    cancellation).ConfigureAwait(false);
            }

            return true;
        }
        catch (HttpStatusException error) when (error.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed && error.Code is not "NoSuchBucket")
        {
            // Of what a delete marker hides, some servers say that this is not allowed.
            return false;
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, key, "s3:GetObjectTagging and s3:PutObjectTagging");
        }
    }

    /// <summary>Makes the rule by which tagged objects go on the day after; once for a plan.</summary>
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
