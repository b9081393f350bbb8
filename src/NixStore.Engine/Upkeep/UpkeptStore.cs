using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>What the checks of one look share.</summary>
/// <param name="location">The store.</param>
/// <param name="options">What to look at.</param>
/// <param name="cancellation">Ends every check.</param>
internal sealed class UpkeptStore(StoreLocation location, UpkeepOptions options, CancellationToken cancellation)
{
    private static readonly HashSet<string> s_none = [];

    internal StoreLocation Location { get; } = location;

    internal UpkeepOptions Options { get; } = options;

    internal CancellationToken Cancellation { get; } = cancellation;

    /// <summary>True when the database has rows; false also where it cannot tell.</summary>
    internal bool HasRegisteredPaths => RegisteredPaths.TryFind(Location, s_none, Cancellation) is { Count: > 0 };

    /// <summary>Who owns the store directory, and so everything that Nix makes; null when there is none.</summary>
    internal uint? Owner => Posix.TryStatus(Location.RealDirectory, out var status, out _) ? status.Owner : null;

    /// <summary>Makes a finding about this store.</summary>
    internal StoreFinding Finding(
        StoreFindingArea area, string kind, StoreFindingSeverity severity, string? path, string detail, string? remedy = null) => new()
        {
            Store = Location.Url,
            Area = area,
            Kind = kind,
            Severity = severity,
            Path = path,
            Detail = detail,
            Remedy = remedy,
        };
}
