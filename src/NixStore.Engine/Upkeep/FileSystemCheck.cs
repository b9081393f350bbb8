using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// What the store lies on: a file system that has become read-only, or one that Nix or SQLite cannot work on. A store directory that alone is
/// mounted read-only, as on NixOS, is no fault: Nix makes it writable for itself (Nix libstore/local-store.cc:makeStoreWritable).
/// </summary>
internal sealed class FileSystemCheck : IUpkeepCheck
{
    private static readonly HashSet<string> s_media = ["squashfs", "iso9660", "udf", "erofs", "cramfs"];
    private static readonly HashSet<string> s_network = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "fuse.sshfs"];
    private static readonly HashSet<string> s_foreign = ["vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfs", "hfsplus"];

    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Disk;

    /// <inheritdoc/>
    public string Subject => "the file systems";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var mounts = MountTable.Read();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var disk in StoreDisk.Of(store))
        {
            if (mounts.Of(disk.Directory) is not { } mount)
            {
                continue;
            }

            if (Posix.FileSystemStatus(disk.Directory).IsReadOnly && (mount.IsFileSystemReadOnly || disk.HasDatabase) && seen.Add(mount.Point))
            {
                found(ReadOnly(store, disk, mount));
            }

            if (Unsuitable(store, disk, mount) is { } fault)
            {
                found(fault);
            }
        }
    }

    private UpkeepFault ReadOnly(UpkeptStore store, StoreDisk disk, Mount mount)
    {
        var isMeant = s_media.Contains(mount.Type) || store.Location.IsReadOnly;
        return new UpkeepFault(store.Finding(Area, "FileSystemReadOnly", isMeant ? StoreFindingSeverity.Information : StoreFindingSeverity.Error, disk.Path,
            mount.IsFileSystemReadOnly ? $"the {mount.Type} file system on '{mount.Point}', where {disk.Holds} is, is read-only"
                : $"'{mount.Point}', where {disk.Holds} is, is mounted read-only",
            isMeant ? "Open the store with read-only=true; to change it, work on a copy."
                : mount.IsFileSystemReadOnly
                    ? $"Look into the kernel log (dmesg) first: a file system that meets an error makes itself read-only. Check it (fsck), then: mount -o remount,rw '{mount.Point}'"
                    : $"mount -o remount,bind,rw '{mount.Point}'"));
    }

    private UpkeepFault? Unsuitable(UpkeptStore store, StoreDisk disk, Mount mount)
    {
        if (s_foreign.Contains(mount.Type))
        {
            return new UpkeepFault(store.Finding(Area, "FileSystemUnsuitable", StoreFindingSeverity.Error, disk.Path,
                $"'{mount.Point}', where {disk.Holds} is, is a {mount.Type} file system, which has no owners, modes and links as Nix needs them",
                "Move the store to a file system of Linux."));
        }

        if (disk.HasDatabase && s_network.Contains(mount.Type))
        {
            var isPrepared = !UsesWriteAheadLog();
            return new UpkeepFault(store.Finding(
                Area, "FileSystemRemote", isPrepared ? StoreFindingSeverity.Information : StoreFindingSeverity.Warning, disk.Path,
                $"the database is on '{mount.Point}', a {mount.Type} file system: SQLite's write-ahead log works for one machine at a time only",
                "Set use-sqlite-wal = false in nix.conf, and have one machine alone write to the store."));
        }

        return null;
    }

    private static bool UsesWriteAheadLog()
    {
        try
        {
            return NixConfiguration.Load().GetBoolean("use-sqlite-wal", true);
        }
        catch (NixStoreException)
        {
            return true;
        }
    }
}
