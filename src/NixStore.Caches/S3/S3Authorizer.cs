using NixStore.Caches.Http;
using NixStore.Caches.S3.Credentials;

namespace NixStore.Caches.S3;

/// <summary>Signs what goes to the bucket's own server; without credentials requests stay anonymous, as Nix's do.</summary>
internal sealed class S3Authorizer(S3Location location, AwsCredentialChain credentials, TimeProvider clock) : IRequestAuthorizer
{
    private readonly SignatureV4 _signature = new(location.Parameters.Region, "s3", clock);

    public async ValueTask Authorize(HttpRequestMessage request, CancellationToken cancellation)
    {
        if (location.Owns(request.RequestUri!) && await credentials.Get(cancellation).ConfigureAwait(false) is { } found)
        {
            _signature.Sign(request, found);
        }
    }

    public void Expired() => credentials.Forget();
}
