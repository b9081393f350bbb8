using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Whether the directories of the store are there, apart from each other, and as the kernel and Nix want them.</summary>
internal sealed class DirectoryCheck : IOverlayCheck
{
    /// <inheritdoc/>
    public string Subject => "the directories of the layers";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        var layers = store.IsMounted ? store.Mount!.Layers : null;
        CheckUpper(store, found);
        CheckLower(store, found);
        CheckOverlaps(store, found);
        CheckLinks(store, found);
        if ((layers is null ? OverlayDescription.TryRead(store.Store)?.WorkDirectory : layers.Work) is { } work)
        {
            CheckWork(store, work, layers is not null, found);
        }

        CheckShared(store, found);
    }

    private static void CheckUpper(ExaminedOverlay store, Action<OverlayFault> found)
    {
        var upper = store.Overlay.UpperLayer;
        if (!Directory.Exists(upper))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.UpperMissing, StoreFindingSeverity.Error, upper,
                $"the upper layer '{upper}' is not there", "It was removed, its file system is not mounted, or upper-layer of the URL is wrong.",
                "Mount its file system or correct the URL; New-OverlayStore makes a new one.", StoreLayer.Upper)));
        }
        else if (Directory.Exists($"{upper}/nix/store") || Directory.Exists($"{upper}/var/nix/db"))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.UpperIsStoreRoot, StoreFindingSeverity.Error, upper,
                $"the upper layer '{upper}' is the root of a store", "An upper layer holds store paths themselves; what is below nix/store there is not seen.",
                $"Give upper-layer={upper}/nix/store and mount that, if it is meant; the rows of that store's own database are not used.", StoreLayer.Upper)));
        }
    }

    private static void CheckLower(ExaminedOverlay store, Action<OverlayFault> found)
    {
        var (lower, directory) = (store.Overlay.Lower, store.Overlay.Lower.RealDirectory);
        if (!Directory.Exists(directory))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.LowerMissing, StoreFindingSeverity.Error, directory,
                $"the lower store's directory '{directory}' is not there", "Its file system is not mounted, or lower-store of the URL is wrong.",
                "Mount its file system or correct the URL.", StoreLayer.Lower)));
            return;
        }

        if (!store.Lower.Names.Any() && store.LowerRows.Count > 0)
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.LowerEmpty, StoreFindingSeverity.Error, directory,
                $"not a single path is in '{directory}', although its database has {store.LowerRows.Count}",
                "The file system with the lower store is probably not mounted, or was not when the overlay was.",
                "Mount it, then dismount and mount the overlay. Run no repair and no collection before that.", StoreLayer.Lower)));
        }

        using var opened = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        if (!lower.IsReadOnly && !IsByDaemon(store) && Posix.FileSystemStatus(opened).IsReadOnly && !Posix.Status(opened).IsMountRoot)
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.LowerNotReadOnly, StoreFindingSeverity.Error, directory,
                $"the lower store is on a read-only mount, but the URL does not open it with read-only=true",
                "Nix wants to write to it and fails: remounting the store writable, invalid argument.",
                "Add read-only=true to lower-store, percent-encoded (%26read-only%3Dtrue), and switch on the feature read-only-local-store.", StoreLayer.Lower)));
        }

        if (store.IsMounted && MountTime(store) is { } mounted && Posix.Status(opened).ModificationTime is var changed && changed > mounted)
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.LowerChanged, StoreFindingSeverity.Information, directory,
                $"the lower store was changed at {changed.ToLocalTime():yyyy-MM-dd HH:mm:ss}, after the overlay was mounted at {mounted.ToLocalTime():yyyy-MM-dd HH:mm:ss}",
                "Paths that were added are seen. What was deleted or replaced may still be shown, or read as empty: those are findings of their own.",
                null, StoreLayer.Lower)));
        }
    }

    private static void CheckOverlaps(ExaminedOverlay store, Action<OverlayFault> found)
    {
        (string Name, string Path)[] directories =
        [
            ("upper layer", store.Overlay.UpperLayer), ("lower store's directory", store.Overlay.Lower.RealDirectory),
            ("store's directory", store.Store.RealDirectory), ("state directory", store.Store.StateDirectory),
        ];
        foreach (var (name, path) in directories)
        {
            foreach (var (other, around) in directories.Where(directory => directory.Name != name && IsWithin(path, directory.Path)))
            {
                found(new OverlayFault(store.Finding(OverlayFindingKind.LayersOverlap, StoreFindingSeverity.Error, path,
                    $"the {name} '{path}' lies in the {other} '{around}'", "What is written to one appears in the other, under the overlay's feet.",
                    "Use directories beside each other; New-OverlayStore makes them so.")));
            }
        }
    }

    /// <summary>Nix goes up from the directory and refuses any symbolic link (local-store.cc:LocalStore).</summary>
    private static void CheckLinks(ExaminedOverlay store, Action<OverlayFault> found)
    {
        if (store.Configuration.GetBoolean("allow-symlinked-store", false))
        {
            return;
        }

        foreach (var (directory, layer) in new[] { (store.Store.RealDirectory, (StoreLayer?)null), (store.Overlay.Lower.RealDirectory, StoreLayer.Lower) })
        {
            for (var path = directory; path.Length > 1; path = path[..path.LastIndexOf('/')])
            {
                if (Posix.TryStatus(path, out var status, out _) && status.Type == FileType.SymbolicLink)
                {
                    found(new OverlayFault(store.Finding(OverlayFindingKind.SymbolicLinkInPath, StoreFindingSeverity.Error, path,
                        $"'{path}' on the way to '{directory}' is a symbolic link",
                        "Nix refuses it: this is not allowed for the Nix store and its parent directories.",
                        $"Name the directory itself: {Path.GetFullPath(new FileInfo(path).ResolveLinkTarget(true)?.FullName ?? path)}.", layer)));
                }
            }
        }
    }

    private static void CheckWork(ExaminedOverlay store, string work, bool isMounted, Action<OverlayFault> found)
    {
        var upper = store.Overlay.UpperLayer;
        if (!Directory.Exists(work))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.WorkDirectoryMissing, isMounted ? StoreFindingSeverity.Warning : StoreFindingSeverity.Error, work,
                $"the work directory '{work}' is not there",
                isMounted ? "It was removed under the mount, or the mount was made where it has another name; in the first case the kernel can change nothing any more."
                    : "The kernel mounts no overlay without one.",
                "Make an empty directory on the file system of the upper layer, and mount again.")));
            return;
        }

        if (IsWithin(work, upper) || IsWithin(upper, work) || IsWithin(work, store.Overlay.Lower.RealDirectory))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.WorkDirectoryOverlaps, StoreFindingSeverity.Error, work,
                $"the work directory '{work}' and a layer lie within one another", "The kernel wants separate trees: workdir and upperdir must be separate subtrees.",
                "Use a directory beside the upper layer.")));
            return;
        }

        if (Directory.Exists(upper) && DeviceOf(work) != DeviceOf(upper))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.WorkDirectoryOtherFileSystem, StoreFindingSeverity.Error, work,
                $"the work directory '{work}' and the upper layer '{upper}' are on different file systems",
                "The kernel moves files from one to the other: workdir and upperdir must reside under the same mount.",
                "Use a work directory beside the upper layer.")));
        }

        using var opened = Posix.Open(work, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        using var entries = new DirectoryEntries(opened);
        while (entries.MoveNext())
        {
            if (ByteName.ToDisplay(entries.Name) is var name and not ("work" or "index"))
            {
                found(new OverlayFault(store.Finding(OverlayFindingKind.WorkDirectoryNotEmpty, StoreFindingSeverity.Warning, work,
                    $"the work directory has '{name}' in it, which is not the kernel's", "It is used for something else too, or is a layer by mistake; the kernel wants it empty.",
                    "Use an empty directory beside the upper layer.")));
                return;
            }
        }
    }

    /// <summary>The kernel lets two overlays write to one layer, but what comes of it is undefined.</summary>
    private static void CheckShared(ExaminedOverlay store, Action<OverlayFault> found)
    {
        if (!Directory.Exists(store.Overlay.UpperLayer))
        {
            return;
        }

        var upper = Posix.TryStatus(store.Overlay.UpperLayer, out var status, out _) ? status : default;
        foreach (var other in store.Mounts.Where(mount => mount.Type == "overlay" && mount.Device != store.Mount?.Device).DistinctBy(mount => mount.Device))
        {
            if (new[] { other.Layers.Upper, other.Layers.Work }.Any(layer => layer is not null && Posix.TryStatus(layer, out var same, out _) && same.IsSameFile(upper)))
            {
                found(new OverlayFault(store.Finding(OverlayFindingKind.UpperShared, StoreFindingSeverity.Error, store.Overlay.UpperLayer,
                    $"the upper layer is written to by the overlay on '{other.Point}' as well", "Two overlays on one upper layer overwrite each other; the kernel calls the result undefined.",
                    $"umount '{other.Point}', or give each its own upper layer: New-OverlayStore.", StoreLayer.Upper)));
            }
        }
    }

    /// <summary>When the overlay was mounted: the kernel makes this directory anew then.</summary>
    private static DateTimeOffset? MountTime(ExaminedOverlay store) => store.Mount!.Layers.Work is { } work
        && Posix.TryStatus($"{work}/work", out var status, out _) ? status.ChangeTime : null;

    private static bool IsByDaemon(ExaminedOverlay store) => store.Overlay.LowerUrl.StartsWith("unix", StringComparison.Ordinal)
        || store.Overlay.LowerUrl is "daemon" or "auto";

    private static bool IsWithin(string path, string directory) => path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static ulong DeviceOf(string path)
    {
        using var opened = Posix.Open(path, OpenFlags.PathOnly | OpenFlags.Directory);
        return Posix.Status(opened).Device;
    }
}
