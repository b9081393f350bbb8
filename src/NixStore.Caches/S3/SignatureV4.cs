using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using NixStore.Caches.S3.Credentials;

namespace NixStore.Caches.S3;

/// <summary>
/// Signs requests as Amazon's services want it ("Signature Version 4"): method, path, query, and the headers that change the meaning.
/// </summary>
/// <param name="region">The region that the server believes to be in.</param>
/// <param name="service">For example <c>s3</c>.</param>
/// <param name="clock">The time, which is part of the signature.</param>
internal sealed class SignatureV4(string region, string service, TimeProvider clock)
{
    /// <summary>SHA-256 of nothing, the body of most requests.</summary>
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Algorithm = "AWS4-HMAC-SHA256", ContentHash = "x-amz-content-sha256";

    private SigningKey? _key;

    /// <summary>Adds the headers. Path and query must be in canonical form already.</summary>
    /// <param name="request">The request; its header <c>x-amz-content-sha256</c> says the hash of its body unless that is empty.</param>
    /// <param name="credentials">Whose request it is.</param>
    public void Sign(HttpRequestMessage request, AwsCredentials credentials)
    {
        var headers = request.Headers;
        var time = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = time[..8];
        headers.TryAddWithoutValidation("x-amz-date", time);
        if (credentials.SessionToken is { } token)
        {
            headers.TryAddWithoutValidation("x-amz-security-token", token);
        }

        if (!headers.TryGetValues(ContentHash, out var given))
        {
            headers.TryAddWithoutValidation(ContentHash, EmptyHash);
        }

        var (names, lines) = Canonical(request);
        var uri = request.RequestUri!;
        var canonical = $"{request.Method}\n{uri.AbsolutePath}\n{uri.Query.TrimStart('?')}\n{lines}\n{names}\n{given?.First() ?? EmptyHash}";
        var scope = $"{day}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = HMACSHA256.HashData(KeyFor(day, credentials), Encoding.UTF8.GetBytes(text));
        headers.Authorization = new AuthenticationHeaderValue(
            Algorithm, $"Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={Hex(signature)}");
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    // Radosgw refuses a content type that is not signed; the rest is what S3 asks for.
    private static (string Names, string Lines) Canonical(HttpRequestMessage request)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.Headers.Host ?? request.RequestUri!.Authority,
        };
        if (request.Content?.Headers.ContentType is { } type)
        {
            headers["content-type"] = type.ToString();
        }

        foreach (var (name, values) in request.Headers)
        {
            var lower = name.ToLowerInvariant();
            if (lower.StartsWith("x-amz-", StringComparison.Ordinal))
            {
                headers[lower] = string.Join(',', values);
            }
        }

        return (string.Join(';', headers.Keys), string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n")));
    }

    // Four rounds of HMAC for every request would be half of the work.
    private byte[] KeyFor(string day, AwsCredentials credentials)
    {
        var key = _key;
        if (key is null || key.Day != day || key.Secret != credentials.SecretAccessKey)
        {
            var bytes = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey);
            foreach (var part in (ReadOnlySpan<string>)[day, region, service, "aws4_request"])
            {
                bytes = HMACSHA256.HashData(bytes, Encoding.UTF8.GetBytes(part));
            }

            _key = key = new SigningKey(day, credentials.SecretAccessKey, bytes);
        }

        return key.Bytes;
    }

    private sealed record SigningKey(string Day, string Secret, byte[] Bytes);
}
