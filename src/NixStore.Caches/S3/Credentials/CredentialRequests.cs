using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace NixStore.Caches.S3.Credentials;

/// <summary>Requests to those who hand out credentials: small, seldom, without a proxy when they stay on the machine.</summary>
internal static class CredentialRequests
{
    private const int MaximumLength = 256 << 10;

    private static readonly HttpClient s_far = Client(useProxy: true, TimeSpan.FromSeconds(5));
    private static readonly HttpClient s_near = Client(useProxy: false, TimeSpan.FromSeconds(1));

    /// <summary>Sends one and reads the answer.</summary>
    /// <param name="request">The request; disposed.</param>
    /// <param name="near">True for what is on this machine or its link.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable</exception>
    public static async Task<byte[]> Send(HttpRequestMessage request, bool near, CancellationToken cancellation)
    {
        var target = request.RequestUri!.GetLeftPart(UriPartial.Path);
        using (request)
        {
            try
            {
                using var response = await (near ? s_near : s_far).SendAsync(request, cancellation).ConfigureAwait(false);
                var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
                return response.IsSuccessStatusCode ? body : throw Unavailable(target, $"{(int)response.StatusCode} {Shown(body)}", response.StatusCode);
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                throw Unavailable(target, e.GetBaseException().Message, null, e);
            }
        }
    }

    /// <summary>Reads what containers and instances answer.</summary>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable</exception>
    public static AwsCredentials Parse(byte[] json, string origin)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new AwsCredentials(
                Text("AccessKeyId") ?? throw new JsonException("AccessKeyId is missing."),
                Text("SecretAccessKey") ?? throw new JsonException("SecretAccessKey is missing."),
                Text("Token"),
                Text("Expiration") is { } end ? DateTimeOffset.Parse(end, CultureInfo.InvariantCulture) : null);

            string? Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Unavailable(origin, $"the answer is no credentials: {e.Message}", null, e);
        }
    }

    /// <summary>An error of whoever should give credentials.</summary>
    public static NixStoreException Unavailable(string target, string reason, HttpStatusCode? status = null, Exception? inner = null) => new(
        "AwsCredentialsUnavailable", status is null ? StoreErrorKind.Connection : StoreErrorKind.PermissionDenied,
        $"'{target}' gave no credentials: {reason}", target, "Check the role and its trust, or give keys by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", inner);

    private static string Shown(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 300)));

    private static HttpClient Client(bool useProxy, TimeSpan connect) => new(new SocketsHttpHandler
    {
        ConnectTimeout = connect,
        UseProxy = useProxy,
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    })
    {
        Timeout = TimeSpan.FromSeconds(30),
        MaxResponseContentBufferSize = MaximumLength,
    };
}
