using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Examination;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>
/// Removes part of a path from the upper layer, when the lower store has the whole of it with the hash that every row of the path has. It is moved
/// into a staging directory first: a crash leaves either the part or rubbish, which a collection removes, never less of the part.
/// </summary>
/// <param name="path">The path.</param>
internal sealed class RemoveFragment(string path) : OverlayMend(
    OverlayRepairAction.RemoveFragment, path, $"remove the part of {path} from the upper layer, if the lower store's path proves intact")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        var changed = store.Location.Directory.Parse(Path);
        var name = ByteName.From(changed.BaseName);
        using var held = store.Open(cancellation).Protect(changed, cancellation);
        if (store.Overlay.LayerOf(changed) != StoreLayer.Both)
        {
            return;
        }

        var overlap = TreeOverlap.Compare(store.Overlay.UpperLayer, store.Overlay.Lower.RealDirectory, changed.BaseName, cancellation);
        if (!overlap.IsFragment)
        {
            return;
        }

        using var lower = QuietDirectory.Open(store.Overlay.Lower.RealDirectory);
        using var hasher = new NarHasher();
        EnsureProved(store, hasher.HashTree(lower, name, cancellation: cancellation).Hash, overlap, hasher, cancellation);

        // What was read may be in memory only.
        Posix.Syncfs(lower);
        using var staging = StagingDirectory.Create(store.Upper);
        TreeMove.Move(store.Upper, name, staging.Directory, staging.NewName(), replaces: false);
        Posix.Fsync(store.Upper);
    }

    /// <summary>
    /// Makes sure that afterwards the overlay shows what all rows say. Where the overlay store has none of its own, nothing proves a tree that Nix
    /// put there whole; so one that looks like it must have all its files from the lower store.
    /// </summary>
    private void EnsureProved(MendedOverlay store, NixHash lower, TreeOverlap overlap, NarHasher hasher, CancellationToken cancellation)
    {
        var (own, below) = (store.Rows.Find(Path), store.LowerRows.Find(Path));
        if (!Fits(below ?? own, lower))
        {
            throw new NixStoreException("LowerPathDamaged", StoreErrorKind.InvalidData,
                $"The lower store's copy of '{Path}' does not have the registered hash, so the part in the upper layer stays.", Path,
                $"Repair-StorePath -Store '{store.Overlay.LowerUrl}' mends the lower store first.");
        }

        if (own is not null && !Fits(own, lower))
        {
            throw new NixStoreException("UpperRowDiffers", StoreErrorKind.InvalidData,
                $"The overlay store's row of '{Path}' has another hash than the lower store's, so what is in the upper layer stays.", Path,
                "Test-StorePath tells whether it is whole; Repair-StorePath makes it so.");
        }

        if (own is null && overlap.IsCanonical && overlap.FindForeign(hasher, cancellation) is { } foreign)
        {
            throw new NixStoreException("FragmentNotProved", StoreErrorKind.InvalidData,
                $"The overlay store has no row of '{Path}', and '{foreign}' did not come from the lower store, so what is in the upper layer stays.", Path,
                "If nobody misses it, remove the path from the directory of the upper layer, and remount the overlay.");
        }
    }

    private static bool Fits(PathRow? row, NixHash actual) => NixHash.TryParse(row?.Hash, out var registered) && actual.Equals(registered);
}
