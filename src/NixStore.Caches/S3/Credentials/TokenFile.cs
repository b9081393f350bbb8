namespace NixStore.Caches.S3.Credentials;

/// <summary>A file that somebody else renews, with a token in it.</summary>
internal static class TokenFile
{
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable</exception>
    public static async ValueTask<string> Read(string file, CancellationToken cancellation)
    {
        try
        {
            return (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CredentialRequests.Unavailable(file, e.Message, null, e);
        }
    }
}
