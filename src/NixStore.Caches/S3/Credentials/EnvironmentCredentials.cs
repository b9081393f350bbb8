namespace NixStore.Caches.S3.Credentials;

/// <summary><c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>.</summary>
internal sealed class EnvironmentCredentials(AwsEnvironment environment) : IAwsCredentialSource
{
    public ValueTask<AwsCredentials?> Get(CancellationToken cancellation) => ValueTask.FromResult(
        environment["AWS_ACCESS_KEY_ID"] is { } id && environment["AWS_SECRET_ACCESS_KEY"] is { } secret
            ? new AwsCredentials(id, secret, environment["AWS_SESSION_TOKEN"]) : null);
}
