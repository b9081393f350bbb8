using System.Net;

namespace NixStore.Caches.Http;

/// <summary>A server answered with something other than the file.</summary>
internal sealed class HttpStatusException(HttpStatusCode status, string? reason, TimeSpan? retryAfter)
    : Exception($"The server answered {(int)status} {reason}".TrimEnd())
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>How long the server wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>True when the same request may succeed later (as in Nix libstore/filetransfer.cc).</summary>
    public bool IsTransient => (int)Status is 408 or 429 or (>= 500 and not (501 or 505 or 511));

    /// <summary>True when there is no such file. Buckets that may not be listed answer 403 for that.</summary>
    public bool IsMissing => (int)Status is 403 or 404 or 410;
}
