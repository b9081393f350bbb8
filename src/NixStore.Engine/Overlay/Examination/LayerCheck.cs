using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Mending;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>What the upper layer does to what the lower store has: whiteouts, opaque directories, parts of paths, and second copies.</summary>
internal sealed class LayerCheck : IOverlayCheck
{
    /// <inheritdoc/>
    public string Subject => "the upper layer";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        if (!store.HasLayers)
        {
            return;
        }

        using var contents = store.Options.CheckContents ? new LayerContents(store) : null;
        using var sizes = new UpperSizes(store);
        using var hashes = new RegisteredHashes(store);
        foreach (var name in store.Upper.Names)
        {
            store.Cancellation.ThrowIfCancellationRequested();
            try
            {
                if (Look(store, name, contents, sizes, hashes) is { } fault)
                {
                    found(fault);
                }
            }
            catch (StoreIOException error)
            {
                found(new OverlayFault(store.Finding(OverlayFindingKind.CheckFailed, StoreFindingSeverity.Warning, store.Full(name), error.Message,
                    "What cannot be read cannot be judged; the other paths were looked at.", error.Remedy, StoreLayer.Upper)));
            }
        }
    }

    private static OverlayFault? Look(ExaminedOverlay store, string name, LayerContents? contents, UpperSizes sizes, RegisteredHashes hashes)
    {
        var path = $"{store.Overlay.UpperLayer}/{name}";
        if (store.Upper.TypeOf(name) == FileType.CharacterDevice)
        {
            return Posix.TryStatus(path, out var status, out _) && status.IsWhiteout ? Whiteout(store, name) : null;
        }

        if (!store.Upper.Has(name))
        {
            return null;
        }

        var marks = OverlayAttributes.Of(path);
        return marks.IsWhiteout ? Whiteout(store, name)
            : store.Lower.Has(name) ? Both(store, name, TreeOverlap.Compare(store.Overlay.UpperLayer, store.Overlay.Lower.RealDirectory, name, store.Cancellation), contents, hashes)
            : marks.LacksContents || (marks.IsCopy && !sizes.IsWhole(name)) ? Orphan(store, name)
            : null;
    }

    private static OverlayFault Whiteout(ExaminedOverlay store, string name)
    {
        const string cause = "Somebody deleted the path through the mount, with rm or a collection that does not know overlays; the lower store's files cannot be deleted so, and "
            + "the kernel notes in the upper layer that they are not to be seen.";
        if (!store.Lower.Has(name))
        {
            return new OverlayFault(
                store.Finding(OverlayFindingKind.Whiteout, StoreFindingSeverity.Information, store.Full(name), "a whiteout hides nothing: the lower store does not have the path",
                    $"{cause} Should the lower store get the path, it would not be seen.", "Repair-OverlayStore removes it.", StoreLayer.Upper),
                new RemoveWhiteout(store.Full(name)));
        }

        return store.LowerRows.Contains(name) || store.UpperRows.Contains(name)
            ? new OverlayFault(
                store.Finding(OverlayFindingKind.Whiteout, StoreFindingSeverity.Error, store.Full(name), "a whiteout hides a valid path of the lower store",
                    $"{cause} Nix looks into the database: the path is valid, and whatever needs it fails.", "Repair-OverlayStore removes the whiteout.", StoreLayer.Upper),
                new RemoveWhiteout(store.Full(name)))
            : new OverlayFault(store.Finding(OverlayFindingKind.Whiteout, StoreFindingSeverity.Information, store.Full(name),
                "a whiteout hides files of the lower store that no database knows", cause, null, StoreLayer.Upper));
    }

    private static OverlayFault Both(ExaminedOverlay store, string name, TreeOverlap overlap, LayerContents? contents, RegisteredHashes hashes)
    {
        if (hashes.Differ(name))
        {
            return new OverlayFault(store.Finding(OverlayFindingKind.DuplicateDiffers, StoreFindingSeverity.Error, store.Full(name),
                $"both layers have the path, and the rows of the two stores have different hashes; the upper one has {overlap}",
                "It was built in the lower store and in the overlay store, and not with the same contents. The overlay shows the upper one"
                    + (overlap is { IsOpaque: false, Missing: > 0 } ? ", with what only the lower one has among it." : "."),
                "Test-StorePath tells whether it is whole; Repair-StorePath makes it so. Deleted in the overlay store, it is the lower store's.", StoreLayer.Both));
        }

        if (overlap.IsFragment)
        {
            return Fragment(store, name, overlap);
        }

        if ((overlap.IsDifferent ? $"the upper one has {overlap}" : contents?.FindDifference(name)) is { } difference)
        {
            return new OverlayFault(store.Finding(OverlayFindingKind.DuplicateDiffers, StoreFindingSeverity.Error, store.Full(name),
                $"both layers have the path, with different contents: {difference}",
                "One of the two is damaged or is not what its row says; the overlay shows the upper one, and nothing of the lower one.",
                "Test-StorePath on both stores tells which; Repair-StorePath may take the good copy of the other layer.", StoreLayer.Both));
        }

        var known = contents is null ? "" : "; their contents are equal";
        return overlap.IsOpaque
            ? new OverlayFault(store.Finding(OverlayFindingKind.OpaqueDirectory, StoreFindingSeverity.Information, store.Full(name),
                $"an opaque directory of the upper layer hides the lower store's copy{known}",
                "Nix did not know the lower store's files when it added the path, so it made it anew on top of them.",
                "If the lower store has a row of it, Optimize-OverlayStore removes the upper copy; if not, Publish-OverlayStorePath makes one.", StoreLayer.Both))
            : new OverlayFault(store.Finding(OverlayFindingKind.Duplicate, StoreFindingSeverity.Information, store.Full(name), $"both layers have the path{known}",
                "The lower store got it after the overlay store had it. The overlay shows the upper copy; it only takes up room.",
                "Optimize-OverlayStore removes the upper copy, after the lower one proved intact.", StoreLayer.Both));
    }

    private static OverlayFault Fragment(ExaminedOverlay store, string name, TreeOverlap overlap)
    {
        var isChanged = overlap.Different + overlap.Added + overlap.Deleted + overlap.WithoutContents > 0;
        var isKnown = store.LowerRows.Contains(name) || store.UpperRows.Contains(name);
        return new OverlayFault(
            store.Finding(OverlayFindingKind.CopiedUpFragment, isChanged ? StoreFindingSeverity.Error : StoreFindingSeverity.Warning, store.Full(name),
                $"the upper layer has part of a path of the lower store: {overlap}",
                "Somebody changed the path through the mount, with chmod, touch or an editor say: the kernel copies what is changed into the upper layer and merges it with the rest. "
                    + "Nix notices nothing until it reads the contents.",
                isKnown ? "Repair-OverlayStore removes the part, after the lower store's whole path proved intact."
                    : "No database knows the path: Invoke-StoreGarbageCollection, or Publish-OverlayStorePath from a store that knows it.", StoreLayer.Both),
            isKnown ? new RemoveFragment(store.Full(name)) : null);
    }

    private static OverlayFault Orphan(ExaminedOverlay store, string name) => new(store.Finding(
        OverlayFindingKind.CopiedUpFragment, StoreFindingSeverity.Error, store.Full(name), "the upper layer has what was copied up from the lower store, which does not have the path any more",
        "Somebody changed the path through the mount, so part of it is in the upper layer; then the lower store deleted the rest.",
        "Test-StorePath tells whether the path is whole; Repair-StorePath fetches it.", StoreLayer.Upper));
}
