namespace NixStore.Caches.S3.Credentials;

/// <summary>
/// A profile: keys that stand in it, or a role that is taken on with the keys of another profile or place, or with a web identity.
/// </summary>
internal sealed class ProfileCredentials(
    AwsEnvironment environment, string? profile, TokenService tokens, ContainerCredentials container, InstanceCredentials instance) : IAwsCredentialSource
{
    private const int MaximumDepth = 5;

    public async ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
    {
        var asked = profile ?? environment["AWS_PROFILE"];
        var profiles = AwsProfiles.Load(environment);
        var name = asked ?? "default";
        if (profiles.Find(name) is { } settings)
        {
            return await Get(profiles, name, settings, 0, cancellation).ConfigureAwait(false);
        }

        // Nix's default of the setting is the name "default".
        return asked is null or "default" ? null : throw NotFound(name);
    }

    private async ValueTask<AwsCredentials?> Get(
        AwsProfiles profiles, string name, IReadOnlyDictionary<string, string> settings, int depth, CancellationToken cancellation)
    {
        if (depth == MaximumDepth)
        {
            throw Unusable(name, "its chain of source_profile is too long or goes in a circle");
        }

        // A role comes before keys, which may be there for another profile to take the role on with.
        var source = settings.GetValueOrDefault("source_profile");
        if (settings.TryGetValue("role_arn", out var role) && !(source == name && depth > 0))
        {
            return await TakeRole(profiles, name, settings, role, source, depth, cancellation).ConfigureAwait(false);
        }

        return settings.TryGetValue("aws_access_key_id", out var id) && settings.TryGetValue("aws_secret_access_key", out var secret)
            ? new AwsCredentials(id, secret, settings.GetValueOrDefault("aws_session_token"))
            : null;
    }

    private async ValueTask<AwsCredentials> TakeRole(
        AwsProfiles profiles, string name, IReadOnlyDictionary<string, string> settings, string role, string? source, int depth, CancellationToken cancellation)
    {
        var session = settings.GetValueOrDefault("role_session_name") ?? TokenService.SessionName;
        var region = settings.GetValueOrDefault("region");
        if (settings.TryGetValue("web_identity_token_file", out var file))
        {
            return await tokens.AssumeRoleWithWebIdentity(role, session, file, region, cancellation).ConfigureAwait(false);
        }

        AwsCredentials? own;
        if (source is not null)
        {
            own = await Get(profiles, source, profiles.Find(source) ?? throw NotFound(source), depth + 1, cancellation).ConfigureAwait(false);
        }
        else
        {
            own = settings.GetValueOrDefault("credential_source") switch
            {
                "Environment" => await new EnvironmentCredentials(environment).Get(cancellation).ConfigureAwait(false),
                "EcsContainer" => await container.Get(cancellation).ConfigureAwait(false),
                "Ec2InstanceMetadata" => await instance.Get(cancellation).ConfigureAwait(false),
                _ => throw Unusable(name, "it has a role_arn but neither source_profile nor credential_source nor web_identity_token_file"),
            };
        }

        return await tokens.AssumeRole(
            role, session, settings.GetValueOrDefault("external_id"), own ?? throw Unusable(name, "where its role is to be taken on from has no keys"),
            region, cancellation).ConfigureAwait(false);
    }

    private static NixStoreException NotFound(string name) => new("AwsProfileNotFound", StoreErrorKind.NotFound,
        $"There is no profile '{name}' in ~/.aws/config and ~/.aws/credentials.", name, "Check the address's profile=… and AWS_PROFILE.");

    private static NixStoreException Unusable(string name, string reason) => new("AwsCredentialsUnavailable", StoreErrorKind.InvalidData,
        $"The profile '{name}' gives no credentials: {reason}.", name, "Mend ~/.aws/config.");
}
