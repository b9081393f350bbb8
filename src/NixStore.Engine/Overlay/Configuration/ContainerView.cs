using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>
/// An overlay store as a container has it: the merged directory at its physical place, the layers at the same paths as on the machine, since
/// Nix's check of the mount compares names, and the lower store's database for reading.
/// </summary>
/// <param name="Url">The URL that opens it in there.</param>
/// <param name="Features">Features that Nix needs for that.</param>
/// <param name="Mounts">What the container must be given.</param>
internal sealed record ContainerView(string Url, IReadOnlyList<string> Features, IReadOnlyList<ContainerMount> Mounts)
{
    // Where parts of the lower store are whose own place is that of the overlay store's.
    private const string LowerPlace = "/mnt/nix-lower";

    /// <summary>What the workload sees.</summary>
    /// <exception cref="NixStoreException">OverlayNotExpressible, and what a URL can be refused for</exception>
    internal static ContainerView Of(MachinePlaces places)
    {
        var store = places.Store;
        if (IsTaken(store, store.UpperLayer))
        {
            throw Inexpressible.Because($"In a container, the upper layer '{store.UpperLayer}' would be inside the store or its state.", store.UpperLayer,
                "Make the store below another directory.");
        }

        var (lowerUrl, features, lowerMounts) = StoreUrl.Parse(store.LowerStore).Scheme is "unix" or "daemon" ? BySocket(store) : ByFiles(store);
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (store.Directory != "/nix/store")
        {
            parameters["store"] = store.Directory;
        }

        parameters["lower-store"] = lowerUrl;
        parameters["upper-layer"] = store.UpperLayer;
        if (!store.ChecksMount)
        {
            parameters["check-mount"] = "false";
        }

        return new ContainerView(new StoreUrl("local-overlay", "", parameters).ToString(),
            [.. store.ExperimentalFeatures.Union(["local-overlay-store", .. features])],
            [.. Own(places), new ContainerMount("upper", store.UpperLayer, store.UpperLayer), .. lowerMounts]);
    }

    /// <summary>The variables of the environment in there.</summary>
    /// <param name="userId">Who works there, if not the image's user.</param>
    internal IReadOnlyList<(string Name, string Value)> Environment(int? userId) =>
    [
        ("NIX_REMOTE", Url),
        ("NIX_CONFIG", string.Join('\n', EnvironmentConfiguration.FeatureLine(Features), "build-users-group =", "sandbox = false")),
        .. userId is null ? ((string, string)[])[] : [("HOME", "/tmp/nix-home")],
    ];

    /// <summary>What a comment says of it.</summary>
    /// <param name="places">Where it is on the machine.</param>
    /// <param name="userId">Who works there, if not the image's user.</param>
    internal IReadOnlyList<string> Explain(MachinePlaces places, int? userId) =>
    [
        Explanation.Layers(places.Store, places.MountPoint),
        "In the container it is at its physical place, and the layers are where they are on the machine.",
        .. Explanation.Of(Url, Features),
        .. Features.Contains("read-only-local-store")
            ? (string[])["read-only=true: Nix does not see rows of the lower store that are in db.sqlite-wal only. A lower store in use is better reached by its daemon's socket (unix://)."]
            : [],
        "Settings: containers have no build users, and may not make a sandbox of their own.",
        .. userId is null ? (string[])[] : ["HOME: Nix takes no home that belongs to somebody else, but one that is not there."],
        .. places.Store.RemountHook is null ? (string[])[] : ["The remount hook stays outside, for a container may not mount: after deleting in the container, remount here (mount -o remount, Repair-OverlayStore)."],
        "Garbage: nix-store --gc fails on overlay stores. Use Invoke-StoreGarbageCollection here, with the store's URL.",
        "What containers use of the lower store needs roots there (New-StoreRoot), or its next collection takes it away under them.",
    ];

    /// <summary>The merged directory and the state: one bind where they are below one directory, so that the mount in it is followed.</summary>
    private static IEnumerable<ContainerMount> Own(MachinePlaces places) => places.Nix is { } nix && places.Store.Directory == "/nix/store"
        ? [new ContainerMount("nix", nix, "/nix", FollowsMounts: true)]
        : [new ContainerMount("merged", places.MountPoint, places.Store.Directory, FollowsMounts: true), new ContainerMount("state", places.StateDirectory, MachinePlaces.DefaultState)];

    private static (string Url, IReadOnlyList<string> Features, IReadOnlyList<ContainerMount> Mounts) ByFiles(OverlayStore store)
    {
        var lower = StoreLocator.Locate(store.LowerStore);
        var parameters = StoreUrl.Parse(lower.Url).Parameters.ToDictionary(StringComparer.Ordinal);
        parameters["read-only"] = "true";
        var state = lower.StateDirectory;
        if (IsTaken(store, state))
        {
            state = $"{LowerPlace}/var/nix";
            parameters["state"] = state;
        }

        // Nix makes directories in the state of a store that it only reads (libstore/local-store.cc:LocalStore), and fails where it may not. The
        // machine's own state is none of the container's business: its daemon's socket is in there.
        return (new StoreUrl("local", "", parameters).ToString(), ["read-only-local-store"],
        [
            .. Files(store, parameters), new ContainerMount("lower-state", null, state),
            new ContainerMount("lower-db", $"{lower.StateDirectory}/db", $"{state}/db", IsReadOnly: true),
        ]);
    }

    private static (string Url, IReadOnlyList<string> Features, IReadOnlyList<ContainerMount> Mounts) BySocket(OverlayStore store)
    {
        var url = StoreUrl.Parse(store.LowerStore);
        var parameters = url.Parameters.ToDictionary(StringComparer.Ordinal);
        var socket = url.Authority.Length > 0 ? url.Authority : $"{MachinePlaces.DefaultState}/daemon-socket/socket";
        var directory = Path.GetDirectoryName(socket)!;
        var target = IsTaken(store, directory) ? $"{LowerPlace}/daemon-socket" : directory;

        // Without a root, nobody but Nix would take a store behind a socket for one of this machine.
        parameters.TryAdd("root", "/");
        parameters["real"] = store.LowerDirectory;
        return (new StoreUrl("unix", $"{target}/{Path.GetFileName(socket)}", parameters).ToString(), [],
            [.. Files(store, parameters), new ContainerMount("lower-socket", directory, target, IsReadOnly: true)]);
    }

    /// <summary>
    /// The lower store's files, of which Nix needs but the name. Where the overlay store takes their place they are seen through it.
    /// </summary>
    private static IEnumerable<ContainerMount> Files(OverlayStore store, Dictionary<string, string> parameters)
    {
        if (!IsTaken(store, store.LowerDirectory))
        {
            return [new ContainerMount("lower-store", store.LowerDirectory, store.LowerDirectory, IsReadOnly: true)];
        }

        parameters["real"] = store.LowerDirectory == store.Directory ? store.LowerDirectory
            : throw Inexpressible.Because($"In a container, the lower store's directory '{store.LowerDirectory}' would be inside the store or its state.", store.LowerDirectory,
                "Mount that directory at another place, and make the overlay store on that.");
        return [];
    }

    private static bool IsTaken(OverlayStore store, string directory) => ((string[])[store.Directory, MachinePlaces.DefaultState])
        .Any(taken => MachinePlaces.IsWithin(directory, taken) || MachinePlaces.IsWithin(taken, directory));
}
