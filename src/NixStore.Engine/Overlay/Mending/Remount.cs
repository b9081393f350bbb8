using NixStore.Engine.Overlay.Examination;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>Remounts the overlay, so that it shows what its layers have.</summary>
/// <param name="point">Where it is mounted.</param>
internal sealed class Remount(string point) : OverlayMend(OverlayRepairAction.Remount, point, $"remount the overlay on '{point}'")
{
    private readonly List<string> _stale = [];

    /// <summary>Adds a name that must be shown as it is afterwards.</summary>
    internal Remount With(string name)
    {
        _stale.Add(name);
        return this;
    }

    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        if (OverlayRemount.TryRun(store.Location) is { } failure)
        {
            throw failure;
        }

        var entries = new MergedEntries(store.Location);
        foreach (var name in _stale)
        {
            cancellation.ThrowIfCancellationRequested();
            if (entries.FindFault(name) is { } fault)
            {
                throw new NixStoreException("OverlayStillStale", StoreErrorKind.Busy,
                    $"After the overlay on '{Path}' was remounted, it still does not show '{name}' as it is: {fault.Detail}.", Path,
                    "A program has it open or works in it: end it, or dismount the overlay and mount it again (Dismount-OverlayStore, Mount-OverlayStore).");
            }
        }
    }
}
