using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>An overlay store that is examined: what several checks need of it is read once, by the first that asks.</summary>
internal sealed class ExaminedOverlay
{
    private readonly Lazy<LayerNames> _upper;
    private readonly Lazy<LayerNames> _lower;
    private readonly Lazy<IReadOnlySet<string>> _upperRows;
    private readonly Lazy<IReadOnlySet<string>> _lowerRows;
    private readonly Lazy<IReadOnlyList<PlaceMount>> _mounts = new(PlaceMount.ReadAll);
    private readonly Lazy<PlaceMount?> _mount;
    private readonly Lazy<NixConfiguration> _configuration;

    /// <summary>Prepares to examine a store; reads nothing.</summary>
    internal ExaminedOverlay(StoreLocation store, OverlayExaminationOptions options, CancellationToken cancellation)
    {
        (Store, Options, Cancellation) = (store, options, cancellation);
        _upper = new(() => LayerNames.Read(Overlay.UpperLayer, cancellation));
        _lower = new(() => LayerNames.Read(Overlay.Lower.RealDirectory, cancellation));
        _upperRows = new(() => LayerRows.Read(store));
        _lowerRows = new(() => LayerRows.Read(Overlay.Lower));
        _mount = new(() => PlaceMount.Of(store.RealDirectory, Mounts));
        _configuration = new(() => options.Configuration ?? NixConfiguration.Load());
    }

    /// <summary>The store.</summary>
    internal StoreLocation Store { get; }

    /// <summary>What to look at.</summary>
    internal OverlayExaminationOptions Options { get; }

    /// <summary>Ends the examination.</summary>
    internal CancellationToken Cancellation { get; }

    /// <summary>Its layers.</summary>
    internal OverlayLayers Overlay => Store.Overlay!;

    /// <summary>What is in the upper layer.</summary>
    /// <exception cref="StoreIOException"/>
    internal LayerNames Upper => _upper.Value;

    /// <summary>What is in the lower store's directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal LayerNames Lower => _lower.Value;

    /// <summary>What the store's own database has rows of.</summary>
    /// <exception cref="NixStoreException"/>
    internal IReadOnlySet<string> UpperRows => _upperRows.Value;

    /// <summary>What the lower store's database has rows of, those in its log too.</summary>
    /// <exception cref="NixStoreException"/>
    internal IReadOnlySet<string> LowerRows => _lowerRows.Value;

    /// <summary>True when both layers are there to be looked at.</summary>
    internal bool HasLayers => Directory.Exists(Overlay.UpperLayer) && Directory.Exists(Overlay.Lower.RealDirectory);

    /// <summary>All mounts of this namespace.</summary>
    /// <exception cref="StoreIOException"/>
    internal IReadOnlyList<PlaceMount> Mounts => _mounts.Value;

    /// <summary>The mount that the store's directory is really on; null when there is no such directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal PlaceMount? Mount => _mount.Value;

    /// <summary>True when that is an overlay of the kernel, or of fuse-overlayfs, mounted just there.</summary>
    internal bool IsMounted => Mount is { } mount && (mount.Type == "overlay" || mount.IsFuseOverlay) && IsMountPoint;

    /// <summary>True when something is mounted on the store's directory.</summary>
    internal bool IsMountPoint => Posix.TryStatus(Store.RealDirectory, out var status, out _) && status.IsMountRoot;

    /// <summary>
    /// True when the mount is the one that the URL means, as far as that can be told, and the lower store's files are there: nothing is
    /// changed on the word of a directory that may be the wrong one.
    /// </summary>
    /// <exception cref="NixStoreException"/>
    internal bool CanBeMended => IsMounted && (Lower.Names.Any() || LowerRows.Count == 0)
        && (Mount!.IsFuseOverlay || LayerComparison.Of(this, Mount.Layers).Difference is null);

    /// <summary>Nix's settings.</summary>
    /// <exception cref="NixStoreException">InvalidNixConfiguration</exception>
    internal NixConfiguration Configuration => _configuration.Value;

    /// <summary>Makes a finding.</summary>
    internal OverlayFinding Finding(
        OverlayFindingKind kind, StoreFindingSeverity severity, string? path, string detail, string cause, string? remedy = null, StoreLayer? layer = null) => new()
        {
            Store = Store.Url,
            Kind = kind,
            Severity = severity,
            Path = path,
            Layer = layer,
            Detail = detail,
            Cause = cause,
            Remedy = remedy,
        };

    /// <summary>The full logical path of a base name.</summary>
    internal string Full(string name) => $"{Store.Directory.Path}/{name}";
}
