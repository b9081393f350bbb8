using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Makes the kernel look anew at layers that were changed under a mounted overlay: it remembers what is where, and also that a name is nowhere
/// (NIX-ON-DAMAGE, E6 and E7b; observed: a path that was looked for before it was published stays invisible until then).
/// </summary>
internal static class OverlayRefresh
{
    /// <summary>Remounts the overlay of a store; where it is mounted in another namespace only, by its remount hook.</summary>
    /// <param name="store">The overlay store.</param>
    /// <returns>OverlayNotRemounted when the old state may not be forgotten; null when it is, or nobody has it mounted.</returns>
    internal static NixStoreException? Refresh(StoreLocation store)
    {
        if (OverlayMount.IsMounted(store))
        {
            return OverlayRemount.TryRun(store);
        }

        return FindUser(store) is not { } process ? null
            : store.Overlay!.RemountHook is { } hook ? OverlayRemount.RunHook(store, hook)
            : OverlayRemount.Failed(store, $"it is mounted in the mount namespace of process {process}, and there is no remount hook", null);
    }

    /// <summary>Remounts all other overlays of this namespace on the same lower store: what is new there they may have remembered as absent.</summary>
    /// <param name="store">An overlay store.</param>
    internal static IEnumerable<NixStoreException> RefreshOthers(StoreLocation store)
    {
        var lower = store.Overlay!.Lower.RealDirectory;
        var mounts = MountLine.ReadAll();
        foreach (var mount in mounts.Where(mount => mount.Type == "overlay" && mount.Point != store.RealDirectory
            && mount.ValuesOf("lowerdir").SelectMany(layers => layers.Split(':')).Contains(lower)
            && ReferenceEquals(mounts.Last(other => other.Point == mount.Point), mount)))
        {
            NixStoreException? failure = null;
            try
            {
                OverlayMount.Remount(mount.Point);
            }
            catch (StoreIOException error)
            {
                failure = error;
            }

            if (failure is not null)
            {
                yield return failure;
            }
        }
    }

    private static int? FindUser(StoreLocation store)
    {
        using var upper = Posix.TryOpenAt(
            FileDescriptor.WorkingDirectory, ByteName.From(store.Overlay!.UpperLayer), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _);
        return upper is null ? null : UpperLayerUse.FindProcess(upper);
    }
}
