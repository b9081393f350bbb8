using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Mounts overlay stores where this process is, as Nix's check wants them, and unmounts them.</summary>
public static class OverlayMounter
{
    private const int Detach = 2;
    private const int NoDevice = 19;
    private const int MostUsers = 10;

    /// <summary>Whether the store is mounted already as it should be.</summary>
    /// <exception cref="NixStoreException">OverlayMountPointOccupied, OverlayMountUnmatched</exception>
    /// <exception cref="StoreIOException"/>
    public static bool IsMounted(StoreLocation store)
    {
        var top = MountLine.FindAt(store.RealDirectory);
        if (top is null)
        {
            return false;
        }

        if (!OverlayMount.IsOf(top, store))
        {
            throw new NixStoreException("OverlayMountPointOccupied", StoreErrorKind.Busy,
                $"Something else is mounted at '{store.RealDirectory}': {top.Text}", store.RealDirectory,
                "Unmount that first, or name the store's layers as they are mounted; Test-OverlayStore says more.");
        }

        EnsureMatched(store);
        return true;
    }

    /// <summary>Mounts a store that is not mounted.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="workDirectory">The kernel's scratch directory; null for the one that New-OverlayStore has made.</param>
    /// <exception cref="NixStoreException">
    /// WorkDirectoryUnknown, OverlayDirectoryMissing, OverlayMountPointNotEmpty, OverlayMountedElsewhere, OverlayNotPermitted, OverlayNotSupported,
    /// OverlayMountRefused, OverlayMountUnmatched, and those of unfit layers
    /// </exception>
    /// <exception cref="StoreIOException"/>
    public static void Mount(StoreLocation store, string? workDirectory)
    {
        var work = Prepare(store, workDirectory, mayBeFuse: false);
        try
        {
            OverlayMount.Mount(store, work, ProcessStatus.IsInUserNamespace ? [OverlayMount.UserAttributes] : []);
        }
        catch (StoreIOException error)
        {
            throw Explain(store, work, error);
        }

        try
        {
            EnsureMatched(store);
        }
        catch (NixStoreException)
        {
            OverlayMount.Unmount(store, Detach);
            throw;
        }
    }

    /// <summary>Makes the kernel look at the layers again.</summary>
    /// <exception cref="NixStoreException">OverlayNotPermitted</exception>
    /// <exception cref="StoreIOException"/>
    public static void Remount(StoreLocation store)
    {
        try
        {
            OverlayMount.Remount(store);
        }
        catch (StoreIOException error) when (error.ErrorNumber is Errno.NotPermitted or Errno.AccessDenied)
        {
            throw NotPermitted(store, error);
        }
    }

    /// <summary>Unmounts a store, as often as it is mounted.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="isLazy">True to take it out of sight at once; it goes when nobody uses it any more.</param>
    /// <returns>False when it was not mounted.</returns>
    /// <exception cref="NixStoreException">OverlayBusy, OverlayCovered, OverlayNotPermitted</exception>
    /// <exception cref="StoreIOException"/>
    public static bool Dismount(StoreLocation store, bool isLazy)
    {
        var wasMounted = false;
        while (IsToDismount(store))
        {
            try
            {
                OverlayMount.Unmount(store, isLazy ? Detach : 0);
                wasMounted = true;
            }
            catch (StoreIOException error) when (error.ErrorNumber == Errno.Busy)
            {
                throw Busy(store, error);
            }
            catch (StoreIOException error) when (error.ErrorNumber is Errno.NotPermitted or Errno.AccessDenied)
            {
                throw NotPermitted(store, error);
            }
        }

        return wasMounted;
    }

    /// <summary>Whether there is an overlay to unmount.</summary>
    /// <exception cref="NixStoreException">OverlayCovered: something else lies on top of it.</exception>
    /// <exception cref="StoreIOException"/>
    public static bool IsToDismount(StoreLocation store)
    {
        var mounts = MountLine.ReadAll().Where(line => line.Point == store.RealDirectory).ToList();
        if (mounts.Count > 0 && mounts[^1] is { IsOverlay: false } top && mounts.Exists(line => line.IsOverlay))
        {
            throw new NixStoreException("OverlayCovered", StoreErrorKind.Busy,
                $"On top of the overlay at '{store.RealDirectory}' something else is mounted: {top.Text}", store.RealDirectory, "Unmount that first.");
        }

        return mounts is [.., { IsOverlay: true }];
    }

    /// <summary>The work directory with which a store can be mounted, once everything is found to be in order.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="workDirectory">The kernel's scratch directory; null for the one that New-OverlayStore has made.</param>
    /// <param name="mayBeFuse">True where fuse-overlayfs can do what the kernel refuses.</param>
    internal static string Prepare(StoreLocation store, string? workDirectory, bool mayBeFuse)
    {
        var layers = store.Overlay!;
        var work = workDirectory ?? OverlayDescription.TryRead(store)?.WorkDirectory ?? throw new NixStoreException(
            "WorkDirectoryUnknown", StoreErrorKind.InvalidArgument,
            $"Nothing in '{store.StateDirectory}' says what the work directory of {store.Url} is.", store.Url,
            "Give -WorkDirectory, an empty directory on the upper layer's file system. If the store was made with New-OverlayStore -Physical, it can be mounted only "
            + "where its nix directory is bind-mounted at /nix (Invoke-OverlayStore does that).");
        foreach (var (directory, what) in (ReadOnlySpan<(string, string)>)
            [(layers.Lower.RealDirectory, "lower store"), (layers.UpperLayer, "upper layer"), (work, "work directory"), (store.RealDirectory, "mount point")])
        {
            if (!Directory.Exists(directory))
            {
                throw new NixStoreException("OverlayDirectoryMissing", StoreErrorKind.NotFound, $"There is no {what} '{directory}'.", directory,
                    what == "lower store" ? "Mount the lower store's file system first."
                        : what == "mount point" && OverlayForm.RootOf(store) is null
                            ? "This form is for where the store's nix directory is bind-mounted at /nix: by Invoke-OverlayStore, in a container, or by mount --bind DIR/nix /nix."
                        : "New-OverlayStore with the same parameters makes what is missing.");
            }
        }

        if (Directory.EnumerateFileSystemEntries(store.RealDirectory).FirstOrDefault(entry => Path.GetFileName(entry) != ".links") is { } hidden)
        {
            throw new NixStoreException("OverlayMountPointNotEmpty", StoreErrorKind.InvalidArgument,
                $"'{store.RealDirectory}' has contents, such as '{Path.GetFileName(hidden)}', which the overlay would hide.", store.RealDirectory,
                "Somebody wrote there while the overlay was not mounted. What is registered belongs into the upper layer: move it there, and remove the rest.");
        }

        OverlayPlaces.EnsureNoLinks(store.RealDirectory, layers.Lower.RealDirectory);
        OverlayPlaces.EnsureApart(layers.UpperLayer, work, layers.Lower.RealDirectory, store.RealDirectory);
        OverlayPlaces.EnsureFit(layers.UpperLayer, work, mayBeFuse);
        EnsureUnused(layers.UpperLayer, work);
        return work;
    }

    /// <summary>Two mounts that write to one directory at the same time are undefined (Linux Documentation/filesystems/overlayfs.rst); the kernel only warns.</summary>
    private static void EnsureUnused(string upper, string work)
    {
        if (LayerMounts.FindWriting(upper, work) is { Count: > 0 } mounts)
        {
            throw new NixStoreException("OverlayMountedElsewhere", StoreErrorKind.Busy,
                $"The upper layer '{upper}' or the work directory '{work}' is part of another mount, {Some([.. mounts.Select(mount => mount.Place)])}; "
                + "twice at a time would damage it.",
                upper, "Unmount that first. In another mount namespace, end its processes, or enter it: nsenter --mount --target PID.");
        }
    }

    private static void EnsureMatched(StoreLocation store)
    {
        if (store.Overlay!.ChecksMount && !MountCheck.Apply(store, string.Join('\n', MountLine.ReadAll().Select(line => line.Text))).Passes)
        {
            throw new NixStoreException("OverlayMountUnmatched", StoreErrorKind.InvalidData,
                $"The overlay at '{store.RealDirectory}' is not written in /proc/mounts as Nix's check wants it.", store.RealDirectory,
                "Dismount-OverlayStore, then Mount-OverlayStore; or a URL with check-mount=false. Test-OverlayStore says what is wrong.");
        }
    }

    private static NixStoreException Explain(StoreLocation store, string work, StoreIOException error) => error.ErrorNumber switch
    {
        Errno.NotPermitted or Errno.AccessDenied => NotPermitted(store, error),
        NoDevice => new NixStoreException("OverlayNotSupported", StoreErrorKind.NotSupported, "This kernel has no overlayfs.", store.Url,
            "Load it: modprobe overlay. In a container, do it on the host.", error),
        _ => new NixStoreException("OverlayMountRefused", StoreErrorKind.WriteError,
            $"The kernel refuses the overlay at '{store.RealDirectory}': {error.Message}", store.RealDirectory,
            $"The kernel's log says why (dmesg | grep overlayfs). The layers are '{store.Overlay!.Lower.RealDirectory}' and '{store.Overlay.UpperLayer}', the work directory is '{work}'.",
            error),
    };

    private static NixStoreException NotPermitted(StoreLocation store, StoreIOException error) => new("OverlayNotPermitted", StoreErrorKind.PermissionDenied,
        $"Mounts at '{store.RealDirectory}' may not be changed by this process: {error.Message}", store.RealDirectory,
        "Be root, in a container with the capability SYS_ADMIN; without, Invoke-OverlayStore runs a process in a user namespace that has the mount.", error);

    private static NixStoreException Busy(StoreLocation store, StoreIOException error)
    {
        var users = MountUsers.FindUsing(store.RealDirectory);
        return new NixStoreException("OverlayBusy", StoreErrorKind.Busy,
            users.Count == 0 ? $"The overlay at '{store.RealDirectory}' is in use; /proc does not tell by whom."
                : $"The overlay at '{store.RealDirectory}' is used by {Some(users)}.",
            store.RealDirectory, "End them or let them go elsewhere, or give -Lazy: it is out of sight then, and goes when they end.", error);
    }

    private static string Some(IReadOnlyList<string> users)
        => string.Join(", ", users.Take(MostUsers)) + (users.Count > MostUsers ? $" and {users.Count - MostUsers} more" : "");
}
