namespace NixStore.Engine.Stores;

/// <summary>
/// Turns what a user names (a store URL, a directory, nothing) into the directories of a local store, by Nix's own rules
/// (Nix libstore/store-api.cc:openStore, globals.cc, local-fs-store.hh).
/// </summary>
public static class StoreLocator
{
    private static readonly string[] s_knownParameters =
    [
        "root", "real", "state", "log", "store", "read-only", "require-sigs", "trusted", "priority", "want-mass-query", "system-features",
        "path-info-cache-size", "build-dir", "ignore-gc-delete-failure", "use-roots-daemon",
    ];

    /// <summary>Finds a store.</summary>
    /// <param name="store">
    /// A URL (<c>local</c>, <c>local?root=/mnt</c>, <c>local:///mnt</c>), an absolute directory (a root with <c>nix/store</c> below it, or
    /// the parent of a <c>store</c> and a <c>var/nix</c>), or null for the one Nix itself would use.
    /// </param>
    /// <param name="configuration">Settings of nix.conf; read when null.</param>
    /// <exception cref="NixStoreException">InvalidStoreUrl, StoreNotLocal, InvalidStoreDirectory</exception>
    public static StoreLocation Locate(string? store, NixConfiguration? configuration = null)
    {
        if (string.IsNullOrEmpty(store))
        {
            configuration ??= NixConfiguration.Load();
            store = NonEmpty(Environment.GetEnvironmentVariable("NIX_REMOTE")) ?? configuration.Get("store") ?? "auto";
        }

        var url = StoreUrl.Parse(store);
        return url.Scheme switch
        {
            "auto" or "local" or "daemon" => FromLocal(url),

            // A daemon's socket gives no access to the files; the daemon of this machine works on the default directories.
            "unix" when url.Authority.Length == 0 || url.Parameters.ContainsKey("root") => FromLocal(url),
            _ => throw new NixStoreException("StoreNotLocal", StoreErrorKind.NotSupported,
                $"'{store}' is not a store on this machine's file systems.", store,
                "Verification and repair need the files: give local, local?root=DIR or a directory, on the machine that has them."),
        };
    }

    private static StoreLocation FromLocal(StoreUrl url)
    {
        var unknown = url.Parameters.Keys.FirstOrDefault(key => !s_knownParameters.Contains(key));
        if (unknown is not null)
        {
            throw new NixStoreException("InvalidStoreUrl", StoreErrorKind.InvalidArgument,
                $"'{url}' has the unknown parameter '{unknown}'.", url.ToString(), $"Known are: {string.Join(", ", s_knownParameters)}.");
        }

        var root = NonEmpty(url.Parameters.GetValueOrDefault("root")) ?? NonEmpty(url.Authority);
        root = root is null or "/" ? root : Clean(root);
        if (root is not null && IsStoreDirStyle(root, url))
        {
            return FromStoreDirStyle(root, url);
        }

        var directory = new StoreDirectory(
            NonEmpty(url.Parameters.GetValueOrDefault("store")) ?? EnvironmentDirectory(root, "NIX_STORE_DIR") ?? "/nix/store");
        var prefix = root is null or "/" ? "" : root;
        var real = Given(url, "real") ?? prefix + directory.Path;
        var state = Given(url, "state") ?? (root is null ? EnvironmentDirectory(root, "NIX_STATE_DIR") : null) ?? $"{prefix}/nix/var/nix";
        var log = Given(url, "log") ?? (root is null ? EnvironmentDirectory(root, "NIX_LOG_DIR") : null) ?? $"{prefix}/nix/var/log/nix";
        return Make(directory, real, state, log, IsReadOnly(url), prefix);
    }

    private static StoreLocation FromStoreDirStyle(string parent, StoreUrl url) => Make(
        new StoreDirectory($"{parent}/store"), $"{parent}/store", $"{parent}/var/nix", $"{parent}/var/log/nix", IsReadOnly(url), prefix: null);

    private static StoreLocation Make(StoreDirectory directory, string real, string state, string log, bool readOnly, string? prefix)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var expected = prefix ?? "";
        if (expected.Length > 0)
        {
            parameters["root"] = expected;
        }

        AddUnless(parameters, "store", directory.Path, "/nix/store");
        AddUnless(parameters, "real", real, expected + directory.Path);
        AddUnless(parameters, "state", state, $"{expected}/nix/var/nix");
        AddUnless(parameters, "log", log, $"{expected}/nix/var/log/nix");
        if (readOnly)
        {
            parameters["read-only"] = "true";
        }

        return new StoreLocation
        {
            Url = new StoreUrl("local", "", parameters).ToString(),
            Directory = directory,
            RealDirectory = real,
            StateDirectory = state,
            LogDirectory = log,
            IsReadOnly = readOnly,
        };
    }

    private static void AddUnless(Dictionary<string, string> parameters, string key, string value, string @default)
    {
        if (value != @default)
        {
            parameters[key] = value;
        }
    }

    /// <summary>A directory of the kind NIX_STORE_DIR=P/store NIX_STATE_DIR=P/var/nix: recognised by what is there.</summary>
    private static bool IsStoreDirStyle(string root, StoreUrl url)
        => url.Parameters.Keys.All(key => key == "read-only") && !System.IO.Directory.Exists($"{root}/nix")
            && System.IO.Directory.Exists($"{root}/store") && System.IO.Directory.Exists($"{root}/var/nix");

    private static bool IsReadOnly(StoreUrl url) => url.Parameters.GetValueOrDefault("read-only") is "true" or "1";

    private static string? EnvironmentDirectory(string? root, string variable)
        => root is null && NonEmpty(Environment.GetEnvironmentVariable(variable)) is { } value ? Clean(value) : null;

    private static string? Given(StoreUrl url, string key) => NonEmpty(url.Parameters.GetValueOrDefault(key)) is { } value ? Clean(value) : null;

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Clean(string path)
    {
        if (!path.StartsWith('/'))
        {
            throw new NixStoreException("InvalidStoreUrl", StoreErrorKind.InvalidArgument, $"'{path}' is not an absolute path.", path,
                "Store URLs need absolute directories.");
        }

        var full = Path.GetFullPath(path);
        return full.Length > 1 ? full.TrimEnd('/') : full;
    }
}
