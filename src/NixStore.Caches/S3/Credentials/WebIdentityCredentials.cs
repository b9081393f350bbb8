namespace NixStore.Caches.S3.Credentials;

/// <summary><c>AWS_WEB_IDENTITY_TOKEN_FILE</c> and <c>AWS_ROLE_ARN</c>: how Kubernetes and CI services give roles.</summary>
internal sealed class WebIdentityCredentials(AwsEnvironment environment, TokenService tokens) : IAwsCredentialSource
{
    public async ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
        => environment["AWS_WEB_IDENTITY_TOKEN_FILE"] is { } file && environment["AWS_ROLE_ARN"] is { } role
            ? await tokens.AssumeRoleWithWebIdentity(
                role, environment["AWS_ROLE_SESSION_NAME"] ?? TokenService.SessionName, file, null, cancellation).ConfigureAwait(false)
            : null;
}
