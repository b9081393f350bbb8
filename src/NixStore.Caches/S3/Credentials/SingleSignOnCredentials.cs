using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace NixStore.Caches.S3.Credentials;

/// <summary>
/// A profile with <c>sso_account_id</c> and <c>sso_role_name</c>: the token that <c>aws sso login</c> has left in <c>~/.aws/sso/cache</c> is exchanged
/// for keys. It is not renewed here.
/// </summary>
internal sealed class SingleSignOnCredentials(AwsEnvironment environment, string? profile) : IAwsCredentialSource
{
    public async ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
    {
        var profiles = AwsProfiles.Load(environment);
        var name = profile ?? environment["AWS_PROFILE"] ?? "default";
        if (profiles.Find(name) is not { } settings
            || !settings.TryGetValue("sso_account_id", out var account) || !settings.TryGetValue("sso_role_name", out var role))
        {
            return null;
        }

        var session = settings.GetValueOrDefault("sso_session");
        var place = session is null ? settings : profiles.FindSession(session);
        if (place?.GetValueOrDefault("sso_region") is not { } region || place.GetValueOrDefault("sso_start_url") is not { } start)
        {
            throw new NixStoreException("AwsCredentialsUnavailable", StoreErrorKind.InvalidData,
                $"The profile '{name}' gives no credentials: its single sign-on has no sso_region or no sso_start_url.", name, "Mend ~/.aws/config.");
        }

        var token = await Token(name, session ?? start, cancellation).ConfigureAwait(false);
        var server = environment["AWS_ENDPOINT_URL_SSO"]?.TrimEnd('/') ?? $"https://portal.sso.{region}.amazonaws.com";
        var request = new HttpRequestMessage(
            HttpMethod.Get, $"{server}/federation/credentials?role_name={Uri.EscapeDataString(role)}&account_id={Uri.EscapeDataString(account)}");
        request.Headers.TryAddWithoutValidation("x-amz-sso_bearer_token", token);
        return Parse(await CredentialRequests.Send(request, near: false, cancellation).ConfigureAwait(false), server);
    }

    private async ValueTask<string> Token(string name, string key, CancellationToken cancellation)
    {
        // The name that all of Amazon's programs give the file; nothing depends on the hash being a good one.
        var file = Path.Combine(
            environment.Home, ".aws/sso/cache", Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key))) + ".json");
        try
        {
            using var document = JsonDocument.Parse(await TokenFile.Read(file, cancellation).ConfigureAwait(false));
            var end = document.RootElement.GetProperty("expiresAt").GetString() ?? "";
            return DateTimeOffset.Parse(end.Replace("UTC", "Z", StringComparison.Ordinal), CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow
                ? document.RootElement.GetProperty("accessToken").GetString() ?? throw new JsonException("accessToken is null.")
                : throw SignedOff(name, $"it has expired at {end}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw SignedOff(name, $"'{file}' cannot be read: {e.Message}", e);
        }
        catch (NixStoreException e) when (e.Target == file)
        {
            throw SignedOff(name, $"'{file}' cannot be read", e);
        }
    }

    private static AwsCredentials Parse(byte[] answer, string server)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var keys = document.RootElement.GetProperty("roleCredentials");
            return new AwsCredentials(
                keys.GetProperty("accessKeyId").GetString()!, keys.GetProperty("secretAccessKey").GetString()!, keys.GetProperty("sessionToken").GetString(),
                DateTimeOffset.FromUnixTimeMilliseconds(keys.GetProperty("expiration").GetInt64()));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw CredentialRequests.Unavailable(server, $"the answer is no credentials: {e.Message}", null, e);
        }
    }

    private static NixStoreException SignedOff(string name, string reason, Exception? inner = null) => new(
        "AwsCredentialsUnavailable", StoreErrorKind.PermissionDenied, $"The profile '{name}' needs a sign-on: {reason}.", name,
        $"Run: aws sso login --profile {name}", inner);
}
