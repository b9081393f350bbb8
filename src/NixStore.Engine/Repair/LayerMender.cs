using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Mends paths of an overlay store that the lower store has a part in: either the lower's copy, proved, is made visible again, or a whole new
/// copy is put into the upper layer.
/// </summary>
/// <param name="store">The overlay store.</param>
/// <param name="overlay">Its layers.</param>
internal sealed class LayerMender(WritableStore store, OverlayLayers overlay)
{
    /// <summary>True when the lower store has the path, so that what is seen may be of both layers.</summary>
    internal bool Concerns(StorePath path) => store.Upper!.Concerns(path);

    /// <summary>Removes what hides the lower store's copy, if that is what it should be; false when it is not.</summary>
    /// <exception cref="StoreIOException">Writing to the store failed.</exception>
    /// <exception cref="NixStoreException">OverlayNotRemounted</exception>
    internal bool TryUncover(StorePath path, NixHash wanted, NarHasher hasher, RepairTrail trail, CancellationToken cancellation)
    {
        if (!IsLowerGood(path, wanted, hasher, trail, cancellation))
        {
            return false;
        }

        using var staging = store.Stage();
        return store.Upper!.TryUncover(staging, path);
    }

    /// <summary>Puts a new tree into the upper layer, in the place of whatever is there; false when its hash is not the one wanted.</summary>
    /// <param name="path">The path; its lock is held.</param>
    /// <param name="nar">The archive.</param>
    /// <param name="wanted">The hash that it must have.</param>
    /// <param name="staging">Where it is made.</param>
    /// <param name="restored">What the archive was.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NarFormatException"/>
    /// <exception cref="StoreIOException">Writing to the store failed.</exception>
    /// <exception cref="NixStoreException">OverlayNotRemounted</exception>
    internal bool TryReplace(
        StorePath path, Stream nar, NixHash wanted, StagingDirectory staging, out NarHash restored, CancellationToken cancellation)
    {
        var fresh = staging.NewName();
        restored = NarRestorer.Restore(nar, staging.Directory, fresh, store.RestoreOptions, cancellation).Hash;
        if (!restored.Hash.Equals(wanted))
        {
            return false;
        }

        store.Upper!.Place(staging, fresh, path);
        return true;
    }

    private bool IsLowerGood(StorePath path, NixHash wanted, NarHasher hasher, RepairTrail trail, CancellationToken cancellation)
    {
        try
        {
            using var lower = Posix.Open(overlay.Lower.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
            var found = hasher.HashTree(lower, ByteName.From(path.BaseName), cancellation: cancellation);
            trail.BytesRead += found.Size;
            if (found.Hash.Equals(wanted))
            {
                return true;
            }

            trail.Add(overlay.LowerUrl, $"has other contents ({found.Hash})");
        }
        catch (NixStoreException error) when (error is NarTreeException or StoreIOException)
        {
            trail.Add(overlay.LowerUrl, error);
        }

        return false;
    }
}
