using System.Runtime.InteropServices;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>
/// Mounts, remounts and unmounts the overlay of a store by mount(2), which writes into the table of mounts what it was given: the new
/// interface shows <c>lowerdir+=</c>, which Nix's check does not know.
/// </summary>
internal static unsafe class OverlayMount
{
    /// <summary>The option of mounts of a user namespace: their marks are attributes that need no privilege (overlayfs.rst, "User xattr").</summary>
    internal const string UserAttributes = "userxattr";

    // The literal name that Nix's check looks for.
    private const string Source = "overlay";
    private const nuint RemountFlag = 32;

    // OVERLAYFS_SUPER_MAGIC and FUSE_SUPER_MAGIC of linux/magic.h; fuse-overlayfs is seen as the latter.
    private const long OverlayType = 0x794c7630;
    private const long FuseType = 0x65735546;

    /// <summary>True when an overlay is on top at the store's directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal static bool IsMounted(StoreLocation store) => FindTop(store) is not null;

    /// <summary>The overlay that is on top at the store's directory, of the kernel or of fuse-overlayfs; null when there is none.</summary>
    /// <exception cref="StoreIOException"/>
    internal static MountLine? FindTop(StoreLocation store) => MountLine.FindAt(store.RealDirectory) is { IsOverlay: true } top ? top : null;

    /// <summary>True when a mount is of this store's layers.</summary>
    internal static bool IsOf(MountLine mount, StoreLocation store) => mount.Type == "fuse.fuse-overlayfs"
        || (mount.IsOverlay && mount.PlacesOf("lowerdir").SequenceEqual([store.Overlay!.Lower.RealDirectory])
            && mount.PlacesOf("upperdir").SequenceEqual([store.Overlay.UpperLayer]));

    /// <summary>What mount(2) is given for the layers.</summary>
    internal static string OptionsOf(StoreLocation store, string workDirectory, params string[] extraOptions) => string.Join(',',
        [$"lowerdir={Escape(store.Overlay!.Lower.RealDirectory)}", $"upperdir={Escape(store.Overlay.UpperLayer)}",
            $"workdir={Escape(workDirectory)}", .. extraOptions]);

    /// <summary>
    /// Makes sure that the files of an overlay store are there to be seen: by the kind of the file system, which a bind mount in a container
    /// has as well, and not by the table of mounts. Nothing for any other store.
    /// </summary>
    /// <exception cref="NixStoreException">OverlayNotMounted</exception>
    /// <exception cref="StoreIOException"/>
    internal static void EnsureMounted(StoreLocation store)
    {
        if (store.Overlay is null)
        {
            return;
        }

        using var directory = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        if (Posix.FileSystemType(directory) is not (OverlayType or FuseType))
        {
            throw new NixStoreException("OverlayNotMounted", StoreErrorKind.NotFound,
                $"No overlay is mounted at '{store.RealDirectory}', so what is seen there is not the store {store.Url}.", store.RealDirectory,
                "Mount it (Mount-OverlayStore), or run the command where it is mounted, in its container or namespace.");
        }
    }

    /// <summary>Mounts the layers onto the store's real directory, in the calling thread's mount namespace.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="workDirectory">An empty directory on the upper layer's file system.</param>
    /// <param name="extraOptions">Further options, such as <see cref="UserAttributes"/>.</param>
    /// <exception cref="StoreIOException"/>
    internal static void Mount(StoreLocation store, string workDirectory, params string[] extraOptions)
        => Call("mount an overlay on", Source, store.RealDirectory, 0, OptionsOf(store, workDirectory, extraOptions));

    /// <summary>Makes the kernel forget what it remembers of the layers; nothing else changes, and open files stay open.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Remount(StoreLocation store) => Remount(store.RealDirectory);

    /// <summary>As the other overload, of the overlay that is on top at a directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Remount(string point)
    {
        using var directory = Posix.Open(point, OpenFlags.PathOnly | OpenFlags.Directory);
        Call("remount", "none", point, RemountFlag | Posix.FileSystemStatus(directory).MountFlags, null);
    }

    /// <summary>Unmounts what is on top at the store's directory.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="flags">Of umount2(2), such as MNT_DETACH, 2.</param>
    /// <exception cref="StoreIOException">Busy: somebody uses it.</exception>
    internal static void Unmount(StoreLocation store, int flags = 0)
    {
        fixed (byte* point = ByteName.From(store.RealDirectory))
        {
            if (Libc.Unmount(point, flags) < 0)
            {
                throw new StoreIOException("unmount", store.RealDirectory, Marshal.GetLastPInvokeError());
            }
        }
    }

    private static void Call(string action, string source, string point, nuint flags, string? options)
    {
        fixed (byte* from = ByteName.From(source), to = ByteName.From(point), type = "overlay\0"u8, data = options is null ? null : ByteName.From(options))
        {
            if (Libc.Mount(from, to, flags == 0 ? type : null, flags, data) < 0)
            {
                throw new StoreIOException(action, point, Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <summary>What separates options and layers, in a name of one.</summary>
    internal static string Escape(string path) => path.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
