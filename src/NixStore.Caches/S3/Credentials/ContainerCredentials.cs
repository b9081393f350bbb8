namespace NixStore.Caches.S3.Credentials;

/// <summary>What the agent of a container (ECS, EKS pod identity) gives: <c>AWS_CONTAINER_CREDENTIALS_RELATIVE_URI</c> or <c>…_FULL_URI</c>.</summary>
internal sealed class ContainerCredentials(AwsEnvironment environment) : IAwsCredentialSource
{
    private const string Agent = "http://169.254.170.2";

    private string? Address => environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] is { } relative
        ? Agent + relative : environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"];

    /// <summary>True when the environment says that there is an agent.</summary>
    public bool IsSetUp => Address is not null;

    public async ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
    {
        if (Address is not { } address)
        {
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw CredentialRequests.Unavailable(address, "it is no URL.");
        }

        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (await Token(cancellation).ConfigureAwait(false) is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        return CredentialRequests.Parse(await CredentialRequests.Send(request, near: true, cancellation).ConfigureAwait(false), address);
    }

    private async ValueTask<string?> Token(CancellationToken cancellation)
    {
        if (environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] is not { } file)
        {
            return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
        }

        return await TokenFile.Read(file, cancellation).ConfigureAwait(false);
    }
}
