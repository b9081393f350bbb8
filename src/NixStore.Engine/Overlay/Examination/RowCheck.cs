using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Mending;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Rows without files and files without rows, in each layer and across both.</summary>
internal sealed class RowCheck : IOverlayCheck
{
    /// <inheritdoc/>
    public string Subject => "rows and files";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        if (!store.HasLayers)
        {
            return;
        }

        CheckSwapped(store, found);
        CheckLowerFiles(store, found);
        CheckLowerRows(store, found);
        CheckUpperFiles(store, found);
        CheckUpperRows(store, found);
    }

    /// <summary>What the lower database knows is all in the upper layer: no accident does that.</summary>
    private static void CheckSwapped(ExaminedOverlay store, Action<OverlayFault> found)
    {
        if (store.LowerRows.Count > 0 && !store.LowerRows.Any(store.Lower.Has) && store.LowerRows.Count(store.Upper.Has) is var inUpper and > 0)
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.LayersSwapped, StoreFindingSeverity.Error, store.Overlay.UpperLayer,
                $"of the {store.LowerRows.Count} paths that the lower store has rows of, none is in '{store.Overlay.Lower.RealDirectory}', but {inUpper} are in the upper layer",
                "Upper layer and lower store were mixed up, or the lower store's files were moved.",
                "Correct upper-layer and lower-store of the URL before anything is written.")));
        }
    }

    private static void CheckLowerFiles(ExaminedOverlay store, Action<OverlayFault> found)
    {
        foreach (var name in store.Lower.Names.Where(name => store.Lower.Has(name) && !store.LowerRows.Contains(name) && !store.Lower.IsInProgress(name)))
        {
            var detail = (store.UpperRows.Contains(name), store.Upper.Has(name)) switch
            {
                (true, true) => "; the overlay store has a row of it and files of its own",
                (true, false) => "; the overlay store has a row of it, so it is found here",
                (false, true) => "; the upper layer has files of it as well, without a row",
                _ => "",
            };
            found(new OverlayFault(store.Finding(OverlayFindingKind.LowerFilesWithoutRow, StoreFindingSeverity.Warning, store.Full(name),
                $"the lower store has the files, but no row{detail}",
                "Files that were copied into a store are not in it: Nix looks into the database. Every overlay without a row of its own downloads or builds the path again, "
                    + "into its upper layer, and a collection in the lower store calls it garbage.",
                store.UpperRows.Contains(name) ? "Publish-OverlayStorePath registers it in the lower store."
                    : "Publish-OverlayStorePath registers it from an overlay store that has its row; Repair-StorePath on the lower store registers it from a binary cache.",
                StoreLayer.Lower)));
        }
    }

    private static void CheckLowerRows(ExaminedOverlay store, Action<OverlayFault> found)
    {
        foreach (var name in store.LowerRows.Where(name => !store.Lower.Has(name)))
        {
            var isUpper = store.Upper.Has(name);
            found(new OverlayFault(store.Finding(OverlayFindingKind.LowerRowWithoutFiles, isUpper ? StoreFindingSeverity.Warning : StoreFindingSeverity.Error, store.Full(name),
                $"the lower store has a row, but no files{(isUpper ? "; the upper layer has them" : "")}",
                "They were deleted under the database, with rm say, or their file system is not mounted. Nix looks into the database only: the path is valid for every "
                    + "overlay, and whatever needs it fails.",
                $"Repair-StorePath -Store '{store.Overlay.LowerUrl}' fetches it again; Repair-NixStore, if there are many.", StoreLayer.Lower)));
        }
    }

    private static void CheckUpperFiles(ExaminedOverlay store, Action<OverlayFault> found)
    {
        foreach (var name in store.Upper.Names.Where(name => store.Upper.Has(name) && !store.UpperRows.Contains(name) && !store.LowerRows.Contains(name)
            && !store.Lower.Has(name) && !store.Upper.IsInProgress(name)))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.UpperFilesWithoutRow, StoreFindingSeverity.Information, store.Full(name),
                "the upper layer has the files, but no database a row",
                "An interrupted build or copy leaves them, and files that were copied by hand are not in the store either: Nix looks into the database.",
                "Invoke-StoreGarbageCollection deletes them; Repair-StorePath registers what a binary cache knows.", StoreLayer.Upper)));
        }
    }

    private static void CheckUpperRows(ExaminedOverlay store, Action<OverlayFault> found)
    {
        var dead = store.UpperRows.Where(name => !store.Upper.Has(name) && !store.Lower.Has(name)).ToList();
        if (dead.Count == 0)
        {
            return;
        }

        using var database = StoreDatabase.OpenForReading(store.Store.Own);
        var order = DeadRows.Order(store, database, dead);
        foreach (var row in order)
        {
            var shown = store.IsMounted && Posix.TryStatus($"{store.Store.RealDirectory}/{row.Name}", out _, out _);
            found(new OverlayFault(
                store.Finding(OverlayFindingKind.UpperRowWithoutFiles, StoreFindingSeverity.Error, store.Full(row.Name),
                    $"the overlay store has a row, but the files are in no layer{(shown ? "; the overlay still shows what was there" : "")}{row.Referrers}",
                    "The lower store deleted the path, in a collection that knows nothing of the overlays above it, or somebody deleted it in a layer. Nix keeps copies of the lower "
                        + "store's rows in the overlay's database and looks into that only: the path is valid, and whatever needs it fails.",
                    row.Obstacle is null ? "Repair-OverlayStore removes the row, then the path can be built or fetched again; Repair-StorePath fetches it at once."
                        : $"Repair-StorePath fetches the files again. The row cannot be removed: {row.Obstacle}."),
                row.Obstacle is null ? new RemoveRow(store.Full(row.Name), row.Referrers) : null));
        }
    }
}
