namespace NixStore.Caches.S3.Credentials;

/// <summary>The environment variables that Amazon's programs read.</summary>
internal sealed class AwsEnvironment(Func<string, string?> read)
{
    public static AwsEnvironment OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>A variable; null when it is not set or empty.</summary>
    public string? this[string name] => read(name) is { Length: > 0 } value ? value : null;

    /// <summary>A file in <c>~/.aws</c>, or the one that a variable names.</summary>
    public string File(string variable, string name)
        => this[variable] ?? Path.Combine(this["HOME"] ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws", name);
}
