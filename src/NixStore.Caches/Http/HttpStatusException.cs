using System.Net;

namespace NixStore.Caches.Http;

/// <summary>A server answered with something other than what was asked for.</summary>
internal sealed class HttpStatusException(HttpStatusCode status, string? reason, TimeSpan? retryAfter, S3ErrorBody? said = null)
    : Exception($"The server answered {(int)status} {reason}".TrimEnd() + (said is null ? "" : $" ({said})"))
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>How long the server wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The code that a bucket gives, for example <c>NoSuchBucket</c>; empty for other servers.</summary>
    public string Code { get; } = said?.Code ?? "";

    /// <summary>True when the same request may succeed later (as in Nix libstore/filetransfer.cc).</summary>
    public bool IsTransient => (int)Status is 408 or 429 or (>= 500 and not (501 or 505 or 511))
        || Code is "RequestTimeout" or "SlowDown" or "Throttling" or "ThrottlingException" || IsExpired;

    /// <summary>True when there is no such file. Buckets that may not be listed answer 403 for that, but also for other reasons, which they name.</summary>
    public bool IsMissing => (int)Status is 403 or 404 or 410 && !IsRefusal && Code is not "NoSuchBucket";

    /// <summary>True when temporary credentials are over.</summary>
    public bool IsExpired => Code is "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired";

    /// <summary>True when it is the credentials that the server does not like, so that nothing is known of the file.</summary>
    public bool IsRefusal => IsExpired || Code is "SignatureDoesNotMatch" or "InvalidAccessKeyId" or "InvalidToken" or "RequestTimeTooSkewed"
        or "AuthorizationHeaderMalformed" or "AuthorizationQueryParametersError" or "AccountProblem" or "AllAccessDisabled" or "NotSignedUp"
        or "InvalidSecurity" or "UserSuspended";
}
