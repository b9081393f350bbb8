using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Examination;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>
/// Removes part of a path from the upper layer, when the lower store has the whole of it with the registered hash. It is renamed into a staging
/// directory first: a crash leaves either the part or rubbish, which a collection removes, never less of the part.
/// </summary>
/// <param name="path">The path.</param>
internal sealed class RemoveFragment(string path) : OverlayMend(
    OverlayRepairAction.RemoveFragment, path, $"remove the part of {path} from the upper layer, if the lower store's path proves intact")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        var changed = store.Location.Directory.Parse(Path);
        using var held = store.Open(cancellation).Protect(changed, cancellation);
        if (store.Overlay.LayerOf(changed) != StoreLayer.Both
            || !TreeOverlap.Compare(store.Overlay.UpperLayer, store.Overlay.Lower.RealDirectory, changed.BaseName, cancellation).IsFragment)
        {
            return;
        }

        EnsureIntact(store, changed, cancellation);
        using var staging = StagingDirectory.Create(store.Upper);
        Posix.RenameAt(store.Upper, ByteName.From(changed.BaseName), staging.Directory, staging.NewName());
        Posix.Fsync(store.Upper);
    }

    private void EnsureIntact(MendedOverlay store, StorePath changed, CancellationToken cancellation)
    {
        using var hasher = new NarHasher();
        var actual = hasher.HashTree(
            FileDescriptor.WorkingDirectory, ByteName.From(store.Overlay.Lower.RealPathOf(changed)), cancellation: cancellation).Hash;
        if (!NixHash.TryParse((store.LowerRows.Find(Path) ?? store.Rows.Find(Path))?.Hash, out var registered) || !actual.Equals(registered))
        {
            throw new NixStoreException("LowerPathDamaged", StoreErrorKind.InvalidData,
                $"The lower store's copy of '{Path}' does not have the registered hash, so the part in the upper layer stays.", Path,
                $"Repair-StorePath -Store '{store.Overlay.LowerUrl}' mends the lower store first.");
        }
    }
}
