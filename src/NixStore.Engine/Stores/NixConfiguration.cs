namespace NixStore.Engine.Stores;

/// <summary>
/// The settings of nix.conf and its overrides, as far as this product needs them (Nix libutil/configuration.cc,
/// libstore/globals.cc): the system file, the users' files, then <c>NIX_CONFIG</c>.
/// </summary>
public sealed class NixConfiguration
{
    private const string DefaultCache = "https://cache.nixos.org/";
    private const string DefaultKey = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
    private const int MaximumIncludeDepth = 16;

    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.Ordinal)
    {
        ["binary-caches"] = "substituters",
        ["trusted-binary-caches"] = "trusted-substituters",
        ["binary-cache-public-keys"] = "trusted-public-keys",
        ["gc-keep-derivations"] = "keep-derivations",
        ["gc-keep-outputs"] = "keep-outputs",
    };

    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);

    /// <summary>An empty configuration: Nix's defaults.</summary>
    public NixConfiguration()
    {
    }

    /// <summary>Settings from text in nix.conf's syntax.</summary>
    /// <exception cref="NixStoreException">InvalidNixConfiguration</exception>
    public static NixConfiguration Parse(string text)
    {
        var configuration = new NixConfiguration();
        configuration.Apply(text, "<text>", null, 0);
        return configuration;
    }

    /// <summary>Reads what Nix itself would read in this environment.</summary>
    /// <exception cref="NixStoreException">InvalidNixConfiguration</exception>
    public static NixConfiguration Load()
    {
        var configuration = new NixConfiguration();
        var directory = Environment.GetEnvironmentVariable("NIX_CONF_DIR") is { Length: > 0 } given ? given : "/etc/nix";
        configuration.ApplyFile($"{directory}/nix.conf", optional: true, 0);
        foreach (var file in UserFiles())
        {
            configuration.ApplyFile(file, optional: true, 0);
        }

        if (Environment.GetEnvironmentVariable("NIX_CONFIG") is { Length: > 0 } inline)
        {
            configuration.Apply(inline, "$NIX_CONFIG", null, 0);
        }

        return configuration;
    }

    /// <summary>Caches to ask for contents, in the order given.</summary>
    public IReadOnlyList<string> Substituters => GetList("substituters", DefaultCache);

    /// <summary>Public keys whose signatures are believed, <c>name:base64</c>.</summary>
    public IReadOnlyList<string> TrustedPublicKeys => GetList("trusted-public-keys", DefaultKey);

    /// <summary>File with credentials for HTTP.</summary>
    public string NetrcFile => Get("netrc-file")
        ?? $"{(Environment.GetEnvironmentVariable("NIX_CONF_DIR") is { Length: > 0 } given ? given : "/etc/nix")}/netrc";

    /// <summary>A setting's text, or null.</summary>
    public string? Get(string name) => _settings.GetValueOrDefault(name);

    /// <summary>A setting that is true or false.</summary>
    /// <exception cref="NixStoreException">InvalidNixConfiguration</exception>
    public bool GetBoolean(string name, bool @default) => Get(name) switch
    {
        null => @default,
        "true" or "yes" or "1" => true,
        "false" or "no" or "0" => false,
        var other => throw new NixStoreException("InvalidNixConfiguration", StoreErrorKind.InvalidData,
            $"The setting {name} of nix.conf has the value '{other}'.", name, "Write true or false."),
    };

    private string[] GetList(string name, string @default)
        => $"{_settings.GetValueOrDefault(name, @default)} {_settings.GetValueOrDefault("extra-" + name)}"
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();

    private static IEnumerable<string> UserFiles()
    {
        if (Environment.GetEnvironmentVariable("NIX_USER_CONF_FILES") is { } files)
        {
            return files.Split(':', StringSplitOptions.RemoveEmptyEntries).Reverse();
        }

        var home = Environment.GetEnvironmentVariable("HOME") ?? "/";
        var own = Environment.GetEnvironmentVariable("NIX_CONFIG_HOME") is { Length: > 0 } whole ? whole
            : Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config ? $"{config}/nix" : $"{home}/.config/nix";
        var shared = (Environment.GetEnvironmentVariable("XDG_CONFIG_DIRS") ?? "/etc/xdg").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return shared.Reverse().Select(directory => $"{directory}/nix").Append(own).Select(directory => $"{directory}/nix.conf");
    }

    private void ApplyFile(string path, bool optional, int depth)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (optional)
            {
                return;
            }

            throw new NixStoreException("InvalidNixConfiguration", StoreErrorKind.ReadError, $"'{path}' cannot be read: {error.Message}", path,
                "Create the file, or write '!include' instead of 'include'.", error);
        }

        Apply(text, path, Path.GetDirectoryName(path), depth);
    }

    private void Apply(string text, string origin, string? directory, int depth)
    {
        if (depth > MaximumIncludeDepth)
        {
            throw new NixStoreException("InvalidNixConfiguration", StoreErrorKind.InvalidData, $"'{origin}' is included in itself.", origin,
                "Remove the circular include.");
        }

        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var comment = raw.IndexOf('#');
            var tokens = (comment < 0 ? raw : raw[..comment]).Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (tokens.Length == 0)
            {
                continue;
            }

            if (tokens is ["include" or "!include", var included])
            {
                ApplyFile(Path.Combine(directory ?? "/", included), tokens[0] == "!include", depth + 1);
                continue;
            }

            if (tokens.Length < 2 || tokens[1] != "=")
            {
                throw new NixStoreException("InvalidNixConfiguration", StoreErrorKind.InvalidData,
                    $"'{origin}' line {number} is not 'name = value'.", origin, "Correct the line; Nix itself refuses it as well.");
            }

            Set(tokens[0], string.Join(' ', tokens[2..]));
        }
    }

    private void Set(string name, string value)
    {
        var isExtra = name.StartsWith("extra-", StringComparison.Ordinal);
        var plain = isExtra ? name[6..] : name;
        plain = s_aliases.GetValueOrDefault(plain, plain);
        if (isExtra)
        {
            var key = "extra-" + plain;
            _settings[key] = _settings.TryGetValue(key, out var before) ? $"{before} {value}" : value;
        }
        else
        {
            _settings[plain] = value;
            _settings.Remove("extra-" + plain);
        }
    }
}
