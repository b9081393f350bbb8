namespace NixStore.Caches.S3.Credentials;

/// <summary>
/// The places where Nix looks for credentials, in its order: environment, profile, web identity, container, instance
/// (Nix libstore/aws-creds.cc). What was found is kept until shortly before it expires. Safe to use from several threads at once.
/// </summary>
public sealed class AwsCredentialChain
{
    // Long enough for a request that has begun to end.
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(5);

    private readonly IReadOnlyList<IAwsCredentialSource> _sources;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _searching = new(1);
    private volatile Found? _found;

    internal AwsCredentialChain(IReadOnlyList<IAwsCredentialSource> sources, TimeProvider? clock = null)
    {
        _sources = sources;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>The chain of this process.</summary>
    /// <param name="profile">The profile that is asked for by name; null for the usual one.</param>
    /// <param name="region">Where temporary credentials are asked for unless the environment says otherwise.</param>
    public static AwsCredentialChain Default(string? profile, string region) => Default(profile, region, AwsEnvironment.OfProcess);

    internal static AwsCredentialChain Default(string? profile, string region, AwsEnvironment environment, TimeProvider? clock = null)
    {
        var token = new TokenService(environment, region);
        var container = new ContainerCredentials(environment);
        var instance = new InstanceCredentials(environment);
        return new AwsCredentialChain(
            [
                new EnvironmentCredentials(environment),
                new ProfileCredentials(environment, profile, token, container, instance),
                new WebIdentityCredentials(environment, token),
                // Where a container has credentials of its own, those of the machine are more than it should have.
                container.IsSetUp ? container : instance,
            ],
            clock);
    }

    /// <summary>The credentials; null when there are none, so that requests are to be anonymous.</summary>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable, AwsProfileNotFound</exception>
    public async ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
    {
        if (_found is { } known && IsFresh(known))
        {
            return known.Credentials;
        }

        await _searching.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_found is not { } meanwhile || !IsFresh(meanwhile))
            {
                _found = new Found(await Search(cancellation).ConfigureAwait(false));
            }

            return _found.Credentials;
        }
        finally
        {
            _searching.Release();
        }
    }

    /// <summary>Looks anew when it is asked next.</summary>
    public void Forget() => _found = null;

    private async ValueTask<AwsCredentials?> Search(CancellationToken cancellation)
    {
        foreach (var source in _sources)
        {
            if (await source.Get(cancellation).ConfigureAwait(false) is { } credentials)
            {
                return credentials;
            }
        }

        return null;
    }

    private bool IsFresh(Found found) => found.Credentials?.Expiration is not { } end || end - s_margin > _clock.GetUtcNow();

    private sealed record Found(AwsCredentials? Credentials);
}
