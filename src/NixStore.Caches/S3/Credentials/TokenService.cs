using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using NixStore.Caches.Http;

namespace NixStore.Caches.S3.Credentials;

/// <summary>Amazon's token service (STS), which gives temporary credentials for a role.</summary>
/// <param name="environment">Says the region and, with <c>AWS_ENDPOINT_URL_STS</c>, another server.</param>
/// <param name="region">The region where the environment says none.</param>
internal sealed class TokenService(AwsEnvironment environment, string region)
{
    /// <summary>Under which name a role is used unless something else is asked for.</summary>
    public const string SessionName = "nixstore";

    /// <summary>Takes on a role with a token that somebody else vouches for.</summary>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable</exception>
    public async Task<AwsCredentials> AssumeRoleWithWebIdentity(string role, string session, string tokenFile, string? ofProfile, CancellationToken cancellation)
        => await Ask(
            [
                ("Action", "AssumeRoleWithWebIdentity"), ("RoleArn", role), ("RoleSessionName", session),
                ("WebIdentityToken", await TokenFile.Read(tokenFile, cancellation).ConfigureAwait(false)),
            ],
            null, ofProfile, cancellation).ConfigureAwait(false);

    /// <summary>Takes on a role with other credentials.</summary>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable</exception>
    public Task<AwsCredentials> AssumeRole(
        string role, string session, string? externalId, AwsCredentials own, string? ofProfile, CancellationToken cancellation)
    {
        var parameters = new List<(string, string)> { ("Action", "AssumeRole"), ("RoleArn", role), ("RoleSessionName", session) };
        if (externalId is not null)
        {
            parameters.Add(("ExternalId", externalId));
        }

        return Ask(parameters, own, ofProfile, cancellation);
    }

    private async Task<AwsCredentials> Ask(
        IEnumerable<(string Name, string Value)> parameters, AwsCredentials? own, string? ofProfile, CancellationToken cancellation)
    {
        var here = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? ofProfile ?? region;
        var server = environment["AWS_ENDPOINT_URL_STS"]?.TrimEnd('/') ?? $"https://sts.{here}.amazonaws.com";
        var form = Encoding.ASCII.GetBytes(string.Join('&', parameters.Append(("Version", "2011-06-15"))
            .Select(item => $"{Uri.EscapeDataString(item.Item1)}={Uri.EscapeDataString(item.Item2)}")));
        var request = new HttpRequestMessage(HttpMethod.Post, server + "/") { Content = new ByteArrayContent(form) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        if (own is not null)
        {
            request.Headers.TryAddWithoutValidation("x-amz-content-sha256", SignatureV4.Hex(SHA256.HashData(form)));
            new SignatureV4(here, "sts", TimeProvider.System).Sign(request, own);
        }

        return Parse(await CredentialRequests.Send(request, near: false, cancellation).ConfigureAwait(false), server);
    }

    private static AwsCredentials Parse(byte[] answer, string server)
    {
        try
        {
            using var xml = S3Xml.Open(answer);
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            while (!xml.EOF)
            {
                if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "AccessKeyId" or "SecretAccessKey" or "SessionToken" or "Expiration")
                {
                    found[xml.LocalName] = xml.ReadElementContentAsString();
                }
                else
                {
                    xml.Read();
                }
            }

            return new AwsCredentials(
                found["AccessKeyId"], found["SecretAccessKey"], found.GetValueOrDefault("SessionToken"),
                found.TryGetValue("Expiration", out var end) ? DateTimeOffset.Parse(end, CultureInfo.InvariantCulture) : null);
        }
        catch (Exception e) when (e is XmlException or KeyNotFoundException or FormatException)
        {
            throw CredentialRequests.Unavailable(server, $"the answer is no credentials: {e.Message}", null, e);
        }
    }
}
