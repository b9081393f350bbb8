using System.Text;

namespace NixStore.Caches.S3.Credentials;

/// <summary>The role of the machine itself (EC2, IMDSv2). Elsewhere nobody answers, which is no error.</summary>
internal sealed class InstanceCredentials(AwsEnvironment environment) : IAwsCredentialSource
{
    private const string Roles = "/latest/meta-data/iam/security-credentials/";

    public async ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
    {
        if (string.Equals(environment["AWS_EC2_METADATA_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var server = (environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254").TrimEnd('/');
        try
        {
            var session = new HttpRequestMessage(HttpMethod.Put, $"{server}/latest/api/token");
            session.Headers.TryAddWithoutValidation("X-aws-ec2-metadata-token-ttl-seconds", "300");
            var token = Encoding.ASCII.GetString(await CredentialRequests.Send(session, near: true, cancellation).ConfigureAwait(false)).Trim();
            var role = Encoding.UTF8.GetString(await Get(server + Roles, token, cancellation).ConfigureAwait(false)).Split('\n')[0].Trim();
            return role.Length == 0 ? null : CredentialRequests.Parse(await Get(server + Roles + role, token, cancellation).ConfigureAwait(false), server);
        }
        catch (NixStoreException e) when (e.ErrorId == "AwsCredentialsUnavailable")
        {
            return null;
        }
    }

    private static Task<byte[]> Get(string url, string token, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("X-aws-ec2-metadata-token", token);
        return CredentialRequests.Send(request, near: true, cancellation);
    }
}
