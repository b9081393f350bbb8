using Amazon.Runtime;
using NixStore.Caches.Bulk;
using NixStore.Caches.Http;
using NixStore.Caches.S3;
using NixStore.Caches.S3.Credentials;
using Polly;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Requests through the SDK under our rules: one policy of retries, a limit that gives way to a busy server, a rate, and errors with our names.</summary>
internal sealed class S3Calls(S3Location location, AwsCredentialChain credentials, ObjectAccess access, TimeProvider clock)
{
    private readonly AdaptiveLimit _limit = new(access.ThrottleLimit, clock);
    private readonly RequestPace _pace = new(access.MaximumRate, clock);
    private readonly ResiliencePipeline _retries = HttpRetries.Make(access.MaximumAttempts, access.RetryDelay, access.MaximumRetryDelay, clock);

    /// <summary>Sends a request as often as is needed.</summary>
    /// <exception cref="HttpStatusException">The server refused; the last answer when it did so several times.</exception>
    /// <exception cref="NixStoreException">Anything else, named.</exception>
    internal async Task<T> Send<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await _retries.ExecuteAsync(token => new ValueTask<T>(Once(request, token)), cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (HttpFailure.IsKnown(error) && error is not HttpStatusException)
        {
            throw HttpFailure.ToError(error, location.UriOf(""));
        }
    }

    /// <summary>Does something of several requests as often as is needed, by the same policy; each of them is sent by <see cref="Once"/>.</summary>
    internal async Task<T> Retry<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
        => await _retries.ExecuteAsync(token => new ValueTask<T>(work(token)), cancellation).ConfigureAwait(false);

    /// <summary>Sends a request once.</summary>
    /// <exception cref="Exception">Those of <see cref="HttpFailure.IsKnown"/>.</exception>
    internal async Task<T> Once<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        await _limit.Enter(cancellation).ConfigureAwait(false);
        var load = ServerLoad.Unknown;
        try
        {
            await _pace.Wait(cancellation).ConfigureAwait(false);
            var answer = await request(cancellation).ConfigureAwait(false);
            load = ServerLoad.Fine;
            return answer;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested && Translate(error) is { } known)
        {
            load = known is TimeoutException or HttpStatusException { Code: "SlowDown" } || known is HttpStatusException { Status: System.Net.HttpStatusCode.ServiceUnavailable }
                ? ServerLoad.TooMuch : known is HttpStatusException ? ServerLoad.Fine : ServerLoad.Unknown;
            if (known is HttpStatusException { IsExpired: true })
            {
                credentials.Forget();
            }

            throw known;
        }
        finally
        {
            _limit.Leave(load);
        }
    }

    /// <summary>An answer that nobody expects, as an error.</summary>
    internal NixStoreException ToError(HttpStatusException error, string key, string permission)
    {
        var uri = location.UriOf(location.Prefix + key);
        return error.IsRefusal || error.IsTransient || error.Code == "NoSuchBucket" ? HttpFailure.ToError(error, uri)
            : new NixStoreException("ObjectRequestRefused", error.Status == System.Net.HttpStatusCode.Forbidden ? StoreErrorKind.PermissionDenied : StoreErrorKind.WriteError,
                $"The bucket '{location.Bucket}' has refused what was asked of '{key}': {error.Message}.", HttpFailure.Shown(uri),
                error.Status == System.Net.HttpStatusCode.Forbidden ? $"The credentials need the permission {permission}." : null, error);
    }

    private static Exception? Translate(Exception error) => error switch
    {
        AmazonServiceException { StatusCode: not 0 } refused => new HttpStatusException(
            // A copy answers 200 before it is done, and says in the body when it could not be.
            refused.StatusCode == System.Net.HttpStatusCode.OK ? System.Net.HttpStatusCode.InternalServerError : refused.StatusCode, null, null, string.IsNullOrEmpty(refused.ErrorCode) ? null : new S3ErrorBody(refused.ErrorCode, refused.Message)),
        AmazonServiceException { InnerException: { } inner } when HttpFailure.IsKnown(inner) => inner,
        AmazonClientException client => new IOException(client.Message, client),
        OperationCanceledException => new TimeoutException("nothing came in time.", error),
        _ => HttpFailure.IsKnown(error) ? error : null,
    };
}
