using Amazon.S3;
using Amazon.S3.Model;
using NixStore.Caches.Http;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>
/// Deletes up to a thousand objects by one request. What of it fails is tried again, and looked at before: an answer that was lost may be that of a
/// deletion that was done, and what is there by then somebody has written since.
/// </summary>
internal sealed class S3Deletion(S3Objects bucket)
{
    internal const int MaximumKeys = 1000;

    /// <summary>What the server says of an object whose tag it calls another one.</summary>
    private static readonly DeletionOutcome s_refused = new(DeletionKind.Changed, Reason: "the server says that its tag is another one");

    /// <summary>Deletes those that are still the same.</summary>
    /// <param name="objects">As they were seen a moment ago, in the order of their keys; at most <see cref="MaximumKeys"/>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>What came of each.</returns>
    /// <exception cref="NixStoreException">ObjectRequestRefused; errors of the way there.</exception>
    internal async Task<IReadOnlyDictionary<string, DeletionOutcome>> IfSame(IReadOnlyList<ObjectState> objects, CancellationToken cancellation)
    {
        var (outcomes, pending, isFirst) = (new Dictionary<string, DeletionOutcome>(StringComparer.Ordinal), objects, true);
        var hasConditions = await bucket.HonoursConditions.ConfigureAwait(false);
        try
        {
            await bucket.Calls.Retry(
                async token =>
                {
                    if (!isFirst || !hasConditions)
                    {
                        pending = await LookAgain(pending, isFirst, outcomes, token).ConfigureAwait(false);
                    }

                    isFirst = false;
                    if (pending.Count > 0)
                    {
                        var keys = pending.Select(state => new KeyVersion { Key = bucket.KeyOf(state.Key), ETag = hasConditions && state.ETag is { } tag ? $"\"{tag}\"" : null }).ToList();
                        var answer = await bucket.Calls.Once(inner => Ask(bucket, keys, inner), token).ConfigureAwait(false);
                        (pending, var reason) = Sort(pending, answer, outcomes);
                        await Doubt(objects, outcomes, token).ConfigureAwait(false);
                        if (pending.Count > 0)
                        {
                            throw Transient(reason ?? new DeleteError { Code = "InternalError", Message = "the server says nothing of some of the objects" });
                        }
                    }

                    return 0;
                },
                cancellation).ConfigureAwait(false);
        }
        catch (HttpStatusException error) when (error is { IsTransient: true, IsExpired: false })
        {
            // As often as the policy allows: the next run tries what is left.
            foreach (var state in pending)
            {
                outcomes[state.Key] = new DeletionOutcome(DeletionKind.Failed, Reason: error.Message);
            }
        }
        catch (HttpStatusException error)
        {
            throw bucket.Calls.ToError(error, objects[0].Key, "s3:DeleteObject");
        }
        catch (Exception error) when (HttpFailure.IsKnown(error))
        {
            throw HttpFailure.ToError(error, bucket.Location.UriOf(""));
        }

        return outcomes;
    }

    /// <summary>Deletes objects or versions whatever they are.</summary>
    /// <exception cref="NixStoreException">ObjectsNotDeleted, ObjectRequestRefused; errors of the way there.</exception>
    internal async Task Unconditionally(IReadOnlyList<KeyVersion> keys, CancellationToken cancellation)
    {
        foreach (var some in keys.Chunk(MaximumKeys))
        {
            try
            {
                await bucket.Calls.Send(
                    async token =>
                    {
                        var answer = await Ask(bucket, some, token).ConfigureAwait(false);
                        return (answer.DeleteErrors ?? []).FirstOrDefault(error => !IsGone(error)) is not { } failed ? 0
                            : IsTransient(failed) ? throw Transient(failed)
                            : throw new NixStoreException("ObjectsNotDeleted", StoreErrorKind.WriteError, $"'{failed.Key}' could not be deleted: {failed.Code} {failed.Message}.", failed.Key,
                                "Look whether the object is locked, and whether the credentials have the permission s3:DeleteObject (and s3:DeleteObjectVersion).");
                    },
                    cancellation).ConfigureAwait(false);
            }
            catch (HttpStatusException error)
            {
                throw bucket.Calls.ToError(error, some[0].Key, "s3:DeleteObject and s3:DeleteObjectVersion");
            }
        }
    }

    /// <summary>One request; that some of it failed is an answer.</summary>
    internal static async Task<DeleteObjectsResponse> Ask(S3Objects bucket, IReadOnlyList<KeyVersion> keys, CancellationToken cancellation)
    {
        try
        {
            return await bucket.Client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = bucket.Bucket, Objects = [.. keys] }, cancellation).ConfigureAwait(false);
        }
        catch (DeleteObjectsException error)
        {
            return error.Response;
        }
    }

    private async Task<IReadOnlyList<ObjectState>> LookAgain(
        IReadOnlyList<ObjectState> pending, bool isFirst, Dictionary<string, DeletionOutcome> outcomes, CancellationToken cancellation)
    {
        var now = await bucket.Look([.. pending.Select(state => state.Key)], cancellation).ConfigureAwait(false);
        var left = new List<ObjectState>();
        foreach (var state in pending)
        {
            if (!now.TryGetValue(state.Key, out var current) || !current.IsThere)
            {
                outcomes[state.Key] = new DeletionOutcome(isFirst ? DeletionKind.Gone : DeletionKind.Deleted, current?.Marker);
            }
            else if (current.ETag != state.ETag || (current.LastModified - state.LastModified).Duration() >= TimeSpan.FromSeconds(1))
            {
                outcomes[state.Key] = new DeletionOutcome(DeletionKind.Changed, Reason: $"it is of {current.LastModified:u} and tag {current.ETag} by now");
            }
            else
            {
                left.Add(state);
            }
        }

        return left;
    }

    /// <summary>
    /// A request that arrives twice meets its own doing: what was there the first time is another one the second time. So what the server calls another
    /// one is looked at, and what has gone as we wanted it to counts as gone by us.
    /// </summary>
    private async Task Doubt(IReadOnlyList<ObjectState> objects, Dictionary<string, DeletionOutcome> outcomes, CancellationToken cancellation)
    {
        var doubtful = objects.Where(state => outcomes.TryGetValue(state.Key, out var outcome) && ReferenceEquals(outcome, s_refused)).ToList();
        if (doubtful.Count == 0)
        {
            return;
        }

        var now = await bucket.Look([.. doubtful.Select(state => state.Key)], cancellation).ConfigureAwait(false);
        foreach (var state in doubtful)
        {
            outcomes[state.Key] = !now.TryGetValue(state.Key, out var current) ? new DeletionOutcome(DeletionKind.Deleted)
                : current.Marker is { } marker ? new DeletionOutcome(current.Version == state.Version ? DeletionKind.Deleted : DeletionKind.Gone, marker)
                : new DeletionOutcome(DeletionKind.Changed, Reason: current.Told);
        }
    }

    private (IReadOnlyList<ObjectState> Left, DeleteError? Reason) Sort(IReadOnlyList<ObjectState> asked, DeleteObjectsResponse answer, Dictionary<string, DeletionOutcome> outcomes)
    {
        foreach (var deleted in answer.DeletedObjects ?? [])
        {
            outcomes[bucket.NameOf(deleted.Key)] = new DeletionOutcome(DeletionKind.Deleted, deleted.DeleteMarkerVersionId);
        }

        DeleteError? transient = null;
        foreach (var error in answer.DeleteErrors ?? [])
        {
            if (IsTransient(error))
            {
                transient = error;
                continue;
            }

            outcomes[bucket.NameOf(error.Key)] = error.Code is "PreconditionFailed" or "ConditionalRequestConflict" ? s_refused
                : IsGone(error) ? new DeletionOutcome(DeletionKind.Gone)
                : new DeletionOutcome(DeletionKind.Failed, Reason: $"{error.Code} {error.Message}".TrimEnd());
        }

        // What the answer says nothing of was not done.
        return ([.. asked.Where(state => !outcomes.ContainsKey(state.Key))], transient);
    }

    private static bool IsGone(DeleteError error) => error.Code is "NoSuchKey" or "NoSuchVersion" or "404";

    private static bool IsTransient(DeleteError error)
        => error.Code is "InternalError" or "SlowDown" or "ServiceUnavailable" or "OperationAborted" or "RequestTimeout" or "Throttling" or "ThrottlingException" or "503" or "500";

    private static HttpStatusException Transient(DeleteError error)
        => new(System.Net.HttpStatusCode.ServiceUnavailable, null, null, new S3ErrorBody(error.Code, error.Message ?? ""));
}
