using NixStore.Engine.Overlay.Mending;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>What the overlay shows against what its layers have: the kernel remembers names that changed under it (NIX-ON-DAMAGE §4.3, E6 and E7b).</summary>
internal sealed class StaleCheck : IOverlayCheck
{
    /// <inheritdoc/>
    public string Subject => "what the overlay shows";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        if (!store.IsMounted || !store.HasLayers)
        {
            return;
        }

        var entries = new MergedEntries(store.Store);
        var remount = new Remount(store.Store.RealDirectory);
        foreach (var name in store.Upper.Names.Concat(store.Lower.Names).Concat(store.UpperRows).Concat(store.LowerRows).Distinct(StringComparer.Ordinal))
        {
            store.Cancellation.ThrowIfCancellationRequested();
            if (entries.FindFault(name) is { } fault)
            {
                found(new OverlayFault(
                    store.Finding(OverlayFindingKind.StaleEntry, StoreFindingSeverity.Error, store.Full(name), fault.Detail,
                        "A layer was changed under the mount, by a collection in the lower store, by rm, or by Nix deleting the upper copy of what the lower store has too. The kernel "
                            + "remembers what was there before: directories read as empty, so contents look modified and repairs by Nix fail.",
                        "Repair-OverlayStore remounts it: mount -o remount. What programs have open may need them to end first.", fault.Layer),
                    remount.With(name)));
            }
        }
    }
}
