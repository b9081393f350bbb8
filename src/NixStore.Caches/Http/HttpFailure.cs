using System.Net;

namespace NixStore.Caches.Http;

/// <summary>Sorts what can go wrong on the way to a server, and gives it a name.</summary>
internal static class HttpFailure
{
    /// <summary>Everything that <see cref="ToError"/> can translate.</summary>
    public static bool IsKnown(Exception e) => e is HttpRequestException or HttpStatusException or TimeoutException or IOException;

    /// <summary>True when trying again may help.</summary>
    public static bool IsTransient(Exception e) => e switch
    {
        HttpStatusException status => status.IsTransient,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.UserAuthenticationError } => false,
        _ => IsKnown(e),
    };

    public static NixStoreException ToError(Exception e, Uri uri)
    {
        var target = Shown(uri);
        return e switch
        {
            HttpStatusException { IsMissing: true } => Make("BinaryCacheFileMissing", StoreErrorKind.NotFound,
                $"'{target}' does not exist: {e.Message}.", "Its narinfo may outlive it; take the path from another source."),
            HttpStatusException { Code: "NoSuchBucket" } => Make("BucketNotFound", StoreErrorKind.NotFound,
                $"'{target}' could not be fetched: {e.Message}.", "Check the bucket's name, region and endpoint; a bucket is not made here."),
            HttpStatusException { Code: "RequestTimeTooSkewed" } => Make("BinaryCacheCredentialsRefused", StoreErrorKind.PermissionDenied,
                $"'{target}' could not be fetched: {e.Message}.", "Set the clock of this machine."),
            HttpStatusException { IsRefusal: true } => Make("BinaryCacheCredentialsRefused", StoreErrorKind.PermissionDenied,
                $"'{target}' could not be fetched: {e.Message}.", "Check the access key, its profile, and the region in the address."),
            HttpStatusException { Status: HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect } => Make(
                "BucketElsewhere", StoreErrorKind.InvalidArgument, $"'{target}' could not be fetched: {e.Message}.",
                "The bucket is in another region: write it as region=… behind the address's '?'."),
            HttpStatusException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired } => Make(
                "BinaryCacheAuthenticationRequired", StoreErrorKind.PermissionDenied, $"'{target}' wants a password: {e.Message}.",
                "Put login and password of the server into a netrc file."),
            HttpStatusException status => Make("BinaryCacheHttpError", status.IsTransient ? StoreErrorKind.Connection : StoreErrorKind.ReadError,
                $"'{target}' could not be fetched: {e.Message}.", status.IsTransient ? "Try again later." : null),
            TimeoutException => Make("BinaryCacheTimeout", StoreErrorKind.Timeout, $"'{target}' could not be fetched: {e.Message}",
                "Try again later, or allow more time."),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Make(
                "BinaryCacheTlsError", StoreErrorKind.Security, $"There is no trusted connection for '{target}': {Innermost(e)}",
                "Check the clock and the certificates of this machine (SSL_CERT_FILE)."),
            _ => Make("BinaryCacheUnreachable", StoreErrorKind.Connection, $"'{target}' could not be fetched: {Innermost(e)}",
                "Check the address, the network and the proxy settings."),
        };

        NixStoreException Make(string errorId, StoreErrorKind kind, string message, string? remedy) => new(errorId, kind, message, target, remedy, e);
    }

    /// <summary>A URL without its password.</summary>
    public static string Shown(Uri uri) => uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);

    private static string Innermost(Exception e) => e.GetBaseException().Message;
}
