namespace NixStore.Engine.Stores;

/// <summary>
/// Turns what a user names (a store URL, a directory, nothing) into the directories of a local store, by Nix's own rules
/// (Nix libstore/store-api.cc:openStore, globals.cc, local-fs-store.hh).
/// </summary>
public static class StoreLocator
{
    private const string DefaultStore = "/nix/store";

    private const string OverlayScheme = "local-overlay";

    private static readonly string[] s_overlayParameters = ["lower-store", "upper-layer", "check-mount", "remount-hook"];

    private static readonly string[] s_knownParameters =
    [
        "root", "real", "state", "log", "store", "read-only", "require-sigs", "trusted", "priority", "want-mass-query", "system-features",
        "path-info-cache-size", "build-dir", "ignore-gc-delete-failure", "use-roots-daemon",
    ];

    /// <summary>Finds a store.</summary>
    /// <param name="store">
    /// A URL (<c>local</c>, <c>local?root=/mnt</c>, <c>local:///mnt</c>, <c>local-overlay://?…</c>), an absolute directory (a root with <c>nix/store</c> below it, or
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
            OverlayScheme => FromOverlay(url),

            // A daemon's socket gives no access to the files; the daemon of this machine works on the default directories.
            "unix" when url.Authority.Length == 0 || url.Parameters.ContainsKey("root") => FromLocal(url),
            _ => throw new NixStoreException("StoreNotLocal", StoreErrorKind.NotSupported,
                $"'{store}' is not a store on this machine's file systems.", store,
                "Verification and repair need the files: give local, local?root=DIR or a directory, on the machine that has them."),
        };
    }

    private static StoreLocation FromOverlay(StoreUrl url)
    {
        var own = url.Parameters.Where(parameter => !s_overlayParameters.Contains(parameter.Key));
        var store = FromLocal(new StoreUrl("local", url.Authority, own.ToDictionary(StringComparer.Ordinal)));
        var lower = Locate(Needed("lower-store", "the store below, percent-encoded: lower-store=local%3Froot%3D/srv/lower%26read-only%3Dtrue"));
        if (lower.Overlay is not null)
        {
            throw new NixStoreException("InvalidStoreUrl", StoreErrorKind.InvalidArgument,
                $"'{url}' has an overlay store as its lower store.", url.ToString(), "Name the store at the bottom, and mount its directory.");
        }

        if (!lower.Directory.Equals(store.Directory))
        {
            throw new NixStoreException("StoreDirectoryMismatch", StoreErrorKind.InvalidArgument,
                $"'{url}' is for paths in {store.Directory}, but its lower store for paths in {lower.Directory}.", url.ToString(),
                "Both must have the same logical store directory (store=).");
        }

        var layers = new OverlayLayers
        {
            Lower = lower,
            LowerUrl = url.Parameters["lower-store"],
            UpperLayer = Clean(Needed("upper-layer", "the directory that was given to mount as upperdir")),
            RemountHook = Given(url, "remount-hook"),
            ChecksMount = Flag(url, "check-mount", true),
        };
        var parameters = StoreUrl.Parse(store.Url).Parameters.ToDictionary(StringComparer.Ordinal);
        parameters["lower-store"] = layers.LowerUrl;
        parameters["upper-layer"] = layers.UpperLayer;
        if (layers.RemountHook is not null)
        {
            parameters["remount-hook"] = layers.RemountHook;
        }

        if (!layers.ChecksMount)
        {
            parameters["check-mount"] = "false";
        }

        return store with { Url = new StoreUrl(OverlayScheme, "", parameters).ToString(), Overlay = layers };

        string Needed(string parameter, string meaning) => NonEmpty(url.Parameters.GetValueOrDefault(parameter))
            ?? throw new NixStoreException("InvalidStoreUrl", StoreErrorKind.InvalidArgument, $"'{url}' has no {parameter}.", url.ToString(),
                $"Give {meaning}.");
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
        root = root is null ? null : Clean(root);
        if (root is not null && IsStoreDirStyle(root, url))
        {
            return Make(new StoreDirectory($"{root}/store"), null, $"{root}/store", $"{root}/var/nix", $"{root}/var/log/nix", url);
        }

        var directory = new StoreDirectory(NonEmpty(url.Parameters.GetValueOrDefault("store")) ?? StoreFromEnvironment() ?? DefaultStore);
        var defaults = Defaults.Of(root, directory);
        return Make(directory, root,
            Given(url, "real") ?? defaults.Real,
            Given(url, "state") ?? (root is null ? FromEnvironment("NIX_STATE_DIR") : null) ?? defaults.State,
            Given(url, "log") ?? (root is null ? FromEnvironment("NIX_LOG_DIR") : null) ?? defaults.Log,
            url);
    }

    /// <summary>Puts a store together, with a URL that opens exactly this one again: what the environment could decide is written out.</summary>
    private static StoreLocation Make(StoreDirectory directory, string? root, string real, string state, string log, StoreUrl url)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var defaults = Defaults.Of(root, directory);
        Add("root", root, null, false);
        Add("store", directory.Path, DefaultStore, StoreFromEnvironment() is not null);
        Add("real", real, defaults.Real, false);
        Add("state", state, defaults.State, root is null && FromEnvironment("NIX_STATE_DIR") is not null);
        Add("log", log, defaults.Log, root is null && FromEnvironment("NIX_LOG_DIR") is not null);
        var (isReadOnly, usesRootsDaemon) = (Flag(url, "read-only"), Flag(url, "use-roots-daemon"));
        Add("read-only", isReadOnly ? "true" : null, null, false);
        Add("use-roots-daemon", usesRootsDaemon ? "true" : null, null, false);
        return new StoreLocation
        {
            Url = new StoreUrl("local", "", parameters).ToString(),
            Directory = directory,
            RealDirectory = real,
            StateDirectory = state,
            LogDirectory = log,
            IsReadOnly = isReadOnly,
            UsesRootsDaemon = usesRootsDaemon,
        };

        void Add(string key, string? value, string? @default, bool environmentDecides)
        {
            if (value is not null && (value != @default || environmentDecides))
            {
                parameters[key] = value;
            }
        }
    }

    /// <summary>A directory of the kind NIX_STORE_DIR=P/store NIX_STATE_DIR=P/var/nix: recognised by what is there.</summary>
    private static bool IsStoreDirStyle(string root, StoreUrl url)
        => url.Parameters.Keys.All(key => key is "read-only" or "use-roots-daemon") && !System.IO.Directory.Exists($"{root}/nix")
            && System.IO.Directory.Exists($"{root}/store") && System.IO.Directory.Exists($"{root}/var/nix");

    private static bool Flag(StoreUrl url, string key, bool @default = false) => url.Parameters.GetValueOrDefault(key) switch
    {
        "true" or "yes" or "1" => true,
        "false" or "no" or "0" => false,
        null => @default,
        var other => throw new NixStoreException("InvalidStoreUrl", StoreErrorKind.InvalidArgument,
            $"'{url}' has the invalid value '{other}' for {key}.", url.ToString(), "Give true or false."),
    };

    private static string? StoreFromEnvironment() => FromEnvironment("NIX_STORE_DIR") ?? FromEnvironment("NIX_STORE");

    private static string? FromEnvironment(string variable)
        => NonEmpty(Environment.GetEnvironmentVariable(variable)) is { } value ? Clean(value) : null;

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

    /// <summary>Where things are when nothing else is said. Below a root the real directory does not follow the logical one.</summary>
    private sealed record Defaults(string Real, string State, string Log)
    {
        internal static Defaults Of(string? root, StoreDirectory directory)
        {
            var prefix = root is null or "/" ? "" : root;
            return new(root is null ? directory.Path : $"{prefix}/nix/store", $"{prefix}/nix/var/nix", $"{prefix}/nix/var/log/nix");
        }
    }
}
