using NixStore.Engine.Overlay.Mending;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>
/// What the lower database says without its write-ahead log, which is all that Nix sees of a lower store with <c>read-only=true</c>
/// (NIX-ON-DAMAGE §4.3, E12).
/// </summary>
internal sealed class LogCheck : IOverlayCheck
{
    /// <inheritdoc/>
    public string Subject => "the log of the lower store's database";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        var lower = store.Overlay.Lower;
        if (!lower.IsReadOnly || MainFile.HasNoLog(lower))
        {
            return;
        }

        var seen = MainFile.ReadRows(lower);
        CheckpointLower? checkpoint = store.Options.CheckpointLower ? new CheckpointLower(lower) : null;
        foreach (var name in store.LowerRows.Where(name => !seen.Contains(name)))
        {
            var path = store.Full(name);
            OverlayMend? mend = checkpoint is not null ? checkpoint : store.UpperRows.Contains(name) || !store.Lower.Has(name) ? null : new CopyRow(path);
            found(new OverlayFault(
                store.Finding(OverlayFindingKind.LowerRowInLog,
                    store.UpperRows.Contains(name) ? StoreFindingSeverity.Information : StoreFindingSeverity.Error, path,
                    "the lower store's row is only in its write-ahead log, where Nix does not see it with read-only=true",
                    store.UpperRows.Contains(name) ? "The overlay store has a row of its own; another overlay without one would build or download the path again."
                        : "Nix reads the lower database as a file that nobody changes, without its log: it calls the path not valid, and builds or downloads it again. "
                            + "A store in use may keep 40 000 pages in its log.",
                    "Have the lower store's log written into its database when nobody builds there (Repair-OverlayStore -CheckpointLower), "
                        + "or let Repair-OverlayStore copy the row into the overlay store.", StoreLayer.Lower),
                mend));
        }

        foreach (var name in seen.Where(name => !store.LowerRows.Contains(name)))
        {
            found(new OverlayFault(
                store.Finding(OverlayFindingKind.LowerDeletionInLog,
                    store.Lower.Has(name) ? StoreFindingSeverity.Warning : StoreFindingSeverity.Error, store.Full(name),
                    "the lower store has deleted the path, but only its write-ahead log says so",
                    "Nix reads the lower database without its log and still believes in the path; its files are gone, or will be.",
                    "Repair-OverlayStore -CheckpointLower has the log written into the database.", StoreLayer.Lower),
                checkpoint));
        }
    }
}
