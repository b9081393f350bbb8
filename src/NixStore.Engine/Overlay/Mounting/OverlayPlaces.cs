using NixStore.Engine.Native;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Whether directories can be what they are meant to be in an overlay: looked at before anything is made.</summary>
internal static class OverlayPlaces
{
    // What kernels refuse as an upper layer: those whose files others change behind its back, those without extended attributes, and itself
    // (Linux fs/overlayfs/super.c: ovl_dentry_weird, ovl_make_workdir; params.c: ovl_mount_dir_check).
    private static readonly string[] s_unfitTypes
        = ["overlay", "nfs", "nfs4", "cifs", "smb3", "9p", "vfat", "msdos", "exfat", "ecryptfs", "squashfs", "erofs", "iso9660", "proc", "sysfs"];

    /// <summary>Refuses names that Nix's check cannot match.</summary>
    /// <exception cref="NixStoreException">OverlayNameUnmatchable</exception>
    internal static void EnsureMatchable(params string[] paths)
    {
        foreach (var path in paths)
        {
            if (MountCheck.FindUnmatchable(path) is var at and >= 0)
            {
                throw new NixStoreException("OverlayNameUnmatchable", StoreErrorKind.InvalidArgument,
                    $"Nix's check of the mount cannot match '{path}': it takes names for patterns and compares them with /proc/mounts as they are, and there is a '{path[at]}' in it.",
                    path, "Choose another name, or give -NoMountCheck: the URL then says check-mount=false, and Nix takes the mount on trust.");
            }
        }
    }

    /// <summary>Refuses symbolic links anywhere in a path, as Nix does and as its check of the mount would not see through.</summary>
    /// <exception cref="NixStoreException">OverlaySymbolicLink</exception>
    internal static void EnsureNoLinks(params string[] paths)
    {
        foreach (var path in paths)
        {
            for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
            {
                var part = end < 0 ? path : path[..end];
                if (Posix.TryStatus(part, out var status, out _) && status.Type == FileType.SymbolicLink)
                {
                    throw new NixStoreException("OverlaySymbolicLink", StoreErrorKind.InvalidArgument,
                        $"'{part}' is a symbolic link, which Nix does not allow on the way to a store, nor its check of the mount in a layer's name.", path,
                        $"Name the directory itself: {Path.GetFullPath(Directory.ResolveLinkTarget(part, true)?.FullName ?? part)}{path[part.Length..]}");
                }

                if (end < 0)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Refuses layers that are inside of each other.</summary>
    /// <exception cref="NixStoreException">OverlayLayersOverlap</exception>
    internal static void EnsureApart(params string[] paths)
    {
        foreach (var (one, other) in paths.SelectMany(one => paths.Select(other => (one, other))).Where(pair => !ReferenceEquals(pair.one, pair.other)))
        {
            if (one == other || one.StartsWith(other + "/", StringComparison.Ordinal))
            {
                throw new NixStoreException("OverlayLayersOverlap", StoreErrorKind.InvalidArgument,
                    $"'{one}' is in '{other}': the layers of an overlay must be apart from each other.", one,
                    "Give the lower store, the upper layer, the work directory and the mount point directories of their own.");
            }
        }
    }

    /// <summary>Refuses an upper layer that the kernel would refuse, and a work directory that is not on its mount. They need not exist yet.</summary>
    /// <param name="upper">The upper layer.</param>
    /// <param name="work">The work directory.</param>
    /// <param name="mayBeFuse">True where fuse-overlayfs, if it is installed, can do what the kernel refuses.</param>
    /// <exception cref="NixStoreException">UpperLayerUnfit, OverlayFileSystemsDiffer</exception>
    /// <exception cref="StoreIOException"/>
    internal static void EnsureFit(string upper, string work, bool mayBeFuse)
    {
        var table = MountTable.Read();
        var (upperPlace, workPlace) = (Existing(upper), Existing(work));
        var mount = table.Of(upperPlace);
        if (mount is not null && s_unfitTypes.Contains(mount.Type) && !(mayBeFuse && IsFuseInstalled()))
        {
            throw Unfit(upper, $"'{mount.Point}' is of the type {mount.Type}, which cannot be an upper layer");
        }

        using (var directory = Posix.Open(upperPlace, OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec))
        {
            if (Posix.FileSystemStatus(directory).IsReadOnly)
            {
                throw Unfit(upper, $"'{mount?.Point ?? upperPlace}' is mounted read-only");
            }
        }

        if (table.Of(workPlace) is { } other && other.Point != mount?.Point)
        {
            throw new NixStoreException("OverlayFileSystemsDiffer", StoreErrorKind.InvalidArgument,
                $"The upper layer '{upper}' is on what is mounted at '{mount?.Point}', but the work directory '{work}' on '{other.Point}'.", work,
                "Both must be on one mount of one file system: leave out -WorkDirectory, or put it beside the upper layer.");
        }
    }

    private static NixStoreException Unfit(string upper, string why) => new("UpperLayerUnfit", StoreErrorKind.InvalidArgument,
        $"'{upper}' cannot be the upper layer: {why}.", upper,
        "Put it on a local file system that keeps extended attributes, such as ext4, xfs, btrfs or tmpfs; in a container, on a volume.");

    private static bool IsFuseInstalled() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Any(directory => File.Exists($"{directory}/fuse-overlayfs"));

    /// <summary>The directory itself, or the one above it that exists.</summary>
    private static string Existing(string path)
    {
        while (path.Length > 1 && !Directory.Exists(path))
        {
            path = path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "/";
        }

        return path;
    }
}
