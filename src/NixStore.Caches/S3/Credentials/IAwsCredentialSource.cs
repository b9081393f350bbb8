namespace NixStore.Caches.S3.Credentials;

/// <summary>One place where credentials may come from.</summary>
internal interface IAwsCredentialSource
{
    /// <summary>The credentials; null when this place is not set up, so that the next one is asked.</summary>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable, AwsProfileNotFound: it is set up, and gives none.</exception>
    ValueTask<AwsCredentials?> Get(CancellationToken cancellation);
}
