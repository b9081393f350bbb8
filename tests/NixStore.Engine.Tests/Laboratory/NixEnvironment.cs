namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// The environment variables that Nix reads, none of them set; given back at the end. They belong to the whole process, so tests that use
/// this are in the collection <see cref="Alone"/>.
/// </summary>
public sealed class NixEnvironment : IDisposable
{
    /// <summary>The collection of tests that run while no other does.</summary>
    public const string Alone = "alone";

    private static readonly string[] s_variables =
    [
        "NIX_REMOTE", "NIX_STORE", "NIX_STORE_DIR", "NIX_STATE_DIR", "NIX_LOG_DIR", "NIX_CONF_DIR", "NIX_CONFIG", "NIX_CONFIG_HOME",
        "NIX_USER_CONF_FILES", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "HOME",
    ];

    private readonly Dictionary<string, string?> _before = s_variables.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    /// <param name="configurationDirectory">Where nix.conf is looked for, instead of /etc/nix and the home directory.</param>
    public NixEnvironment(string configurationDirectory)
    {
        foreach (var name in s_variables)
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        this["NIX_CONF_DIR"] = configurationDirectory;
        this["HOME"] = configurationDirectory;
        this["XDG_CONFIG_DIRS"] = configurationDirectory;
    }

    public string this[string name]
    {
        set => Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}

/// <summary>Tests that change or measure what belongs to the whole process.</summary>
[CollectionDefinition(NixEnvironment.Alone, DisableParallelization = true)]
public sealed class Alone;
