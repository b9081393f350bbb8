namespace NixStore.Caches.S3.Credentials;

/// <summary>An access key. Nothing prints the secret.</summary>
/// <param name="AccessKeyId">Its name.</param>
/// <param name="SecretAccessKey">Its secret.</param>
/// <param name="SessionToken">What temporary keys bring along.</param>
/// <param name="Expiration">When temporary keys end.</param>
public sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken = null, DateTimeOffset? Expiration = null)
{
    /// <inheritdoc/>
    public override string ToString() => AccessKeyId;
}
