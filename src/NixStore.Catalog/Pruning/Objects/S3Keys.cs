using Amazon.Runtime;
using NixStore.Caches.S3.Credentials;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>The credentials of our chain, as the SDK asks for them: for every request, so that they are renewed before they expire.</summary>
internal sealed class S3Keys(AwsCredentialChain chain) : AWSCredentials
{
    /// <summary>The SDK's credentials of a chain; anonymous ones when it has none.</summary>
    internal static AWSCredentials Of(AwsCredentialChain chain, CancellationToken cancellation)
        => chain.Get(cancellation).AsTask().GetAwaiter().GetResult() is null ? new AnonymousAWSCredentials() : new S3Keys(chain);

    /// <inheritdoc/>
    public override ImmutableCredentials GetCredentials() => GetCredentialsAsync().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override async Task<ImmutableCredentials> GetCredentialsAsync()
        => await chain.Get(CancellationToken.None).ConfigureAwait(false) is { } found
            ? new ImmutableCredentials(found.AccessKeyId, found.SecretAccessKey, found.SessionToken)
            : throw new NixStoreException("AwsCredentialsUnavailable", StoreErrorKind.PermissionDenied, "There are no credentials any more.", null, "Sign in again, then run the command again.");
}
