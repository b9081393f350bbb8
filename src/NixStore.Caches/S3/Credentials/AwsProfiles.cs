namespace NixStore.Caches.S3.Credentials;

/// <summary><c>~/.aws/config</c> and <c>~/.aws/credentials</c>: sections with settings. The second file wins where both say something.</summary>
internal sealed class AwsProfiles
{
    private readonly Dictionary<string, Dictionary<string, string>> _profiles = new(StringComparer.Ordinal);

    private AwsProfiles()
    {
    }

    /// <summary>Reads both files; one that is not there says nothing.</summary>
    /// <exception cref="NixStoreException">AwsCredentialsUnavailable: one cannot be read.</exception>
    public static AwsProfiles Load(AwsEnvironment environment)
    {
        var profiles = new AwsProfiles();
        profiles.Read(environment.File("AWS_CONFIG_FILE", "config"), isConfig: true);
        profiles.Read(environment.File("AWS_SHARED_CREDENTIALS_FILE", "credentials"), isConfig: false);
        return profiles;
    }

    /// <summary>The settings of a profile; null when no file has it.</summary>
    public IReadOnlyDictionary<string, string>? Find(string name) => _profiles.GetValueOrDefault(name);

    private void Read(string file, bool isConfig)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("AwsCredentialsUnavailable", e is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError,
                $"'{file}' cannot be read: {e.Message}", file, null, e);
        }

        Dictionary<string, string>? section = null;
        foreach (var line in lines)
        {
            var text = line.Trim();
            if (text.StartsWith('['))
            {
                section = Section(text.Trim('[', ']').Trim(), isConfig);
            }
            else if (text.Length > 0 && text[0] is not ('#' or ';') && !char.IsWhiteSpace(line[0]) && text.IndexOf('=') is var equals and > 0)
            {
                // Lines that begin with a space are settings inside a setting (s3 =), which matter to nobody here.
                section?[text[..equals].TrimEnd().ToLowerInvariant()] = text[(equals + 1)..].TrimStart();
            }
        }
    }

    private Dictionary<string, string>? Section(string title, bool isConfig)
    {
        string? name = title;
        if (isConfig && title != "default")
        {
            name = title.StartsWith("profile ", StringComparison.Ordinal) ? title["profile ".Length..].Trim().Trim('"') : null;
        }

        if (name is null)
        {
            return null;
        }

        if (!_profiles.TryGetValue(name, out var section))
        {
            _profiles[name] = section = new Dictionary<string, string>(StringComparer.Ordinal);
        }

        return section;
    }
}
