using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Writing;

/// <summary>
/// Changes what the upper layer of an overlay store has at the name of something in the lower store. What is renamed there through the mount
/// is refused by overlayfs or leaves a whiteout, and a file put into a directory of the lower store leaves a piece of it; so this works in the
/// upper layer itself, opaque, and remounts. The lower store is never written to.
/// </summary>
/// <param name="store">The overlay store.</param>
/// <param name="overlay">Its layers.</param>
internal sealed class UpperPlacement(StoreLocation store, OverlayLayers overlay)
{
    /// <summary>True when the lower store has something at the path, registered or not.</summary>
    internal bool Concerns(StorePath path) => Posix.TryStatus(overlay.Lower.RealPathOf(path), out _, out _);

    /// <summary>True when something of the lower store is seen at the path, so that changing it in place would copy pieces up.</summary>
    internal bool ShowsLower(StorePath path)
    {
        if (!Concerns(path))
        {
            return false;
        }

        using var upper = OpenUpper();
        var name = ByteName.From(path.BaseName);
        if (!Posix.TryStatusAt(upper, name, out var status, out _))
        {
            return true;
        }

        return status.Type == FileType.Directory && !OverlayAttributes.Of($"{overlay.UpperLayer}/{path.BaseName}").IsOpaque;
    }

    /// <summary>Puts a tree into the upper layer in the place of whatever is seen at the path. The caller holds the path's lock.</summary>
    /// <param name="staging">Where the tree was made, and where goes what it replaces.</param>
    /// <param name="fresh">Its NUL-terminated name there.</param>
    /// <param name="path">The path.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">OverlayNotRemounted; the tree is in its place.</exception>
    internal void Place(StagingDirectory staging, byte[] fresh, StorePath path)
    {
        var name = ByteName.From(path.BaseName);
        using var upper = OpenUpper();
        using var aside = OpenStaging(upper, staging);
        if (Posix.StatusAt(aside, fresh).Type == FileType.Directory)
        {
            using var tree = Posix.OpenAt(aside, fresh, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
            Posix.SetAttribute(tree, OpaqueAttribute(), "y"u8);
            Posix.Fsync(tree);
        }

        RemoveWhiteout(upper, name);
        if (Posix.TryStatusAt(upper, name, out _, out _))
        {
            ImmutableFlag.Clear(upper, name);
        }

        TreeMove.Move(aside, fresh, upper, name, replaces: true);
        Posix.Fsync(upper);
        Finish(aside);
    }

    /// <summary>Takes away what the upper layer has at the path, so that the lower store's is seen. The caller holds the path's lock.</summary>
    /// <param name="staging">Where it goes before it is removed.</param>
    /// <param name="path">The path.</param>
    /// <returns>False when the upper layer has nothing there.</returns>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">OverlayNotRemounted</exception>
    internal bool TryUncover(StagingDirectory staging, StorePath path)
    {
        var name = ByteName.From(path.BaseName);
        using var upper = OpenUpper();
        if (!Posix.TryStatusAt(upper, name, out _, out _))
        {
            return false;
        }

        using var aside = OpenStaging(upper, staging);
        if (!RemoveWhiteout(upper, name))
        {
            ImmutableFlag.Clear(upper, name);
            TreeMove.Move(upper, name, aside, staging.NewName(), replaces: false);
        }

        Posix.Fsync(upper);
        Finish(aside);
        return true;
    }

    /// <summary>A whiteout is unlinked where it is: in another directory it could not be removed through the mount any more.</summary>
    private static bool RemoveWhiteout(FileDescriptor upper, byte[] name)
    {
        var isWhiteout = Posix.TryStatusAt(upper, name, out var status, out _) && status.IsWhiteout;
        if (isWhiteout)
        {
            Posix.UnlinkAt(upper, name);
        }

        return isWhiteout;
    }

    /// <summary>Lets everybody see what is there now, then removes what was there before: by the upper layer, where whiteouts are files.</summary>
    private void Finish(FileDescriptor aside)
    {
        if (OverlayRemount.TryRun(store) is { } error)
        {
            throw error;
        }

        using var entries = new DirectoryEntries(aside);
        while (entries.MoveNext())
        {
            new TreeRemover { ClearsImmutable = true }.RemoveTree(aside, entries.Name.ToArray());
        }
    }

    private FileDescriptor OpenUpper() => Posix.Open(overlay.UpperLayer, OpenFlags.ReadOnly | OpenFlags.Directory);

    /// <summary>The staging directory, which is made and locked where everybody sees it, as the upper layer has it.</summary>
    private static FileDescriptor OpenStaging(FileDescriptor upper, StagingDirectory staging) => Posix.OpenAt(
        upper, ByteName.From(System.IO.Path.GetFileName(staging.Directory.Path)), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);

    /// <summary>Mounts of a user namespace keep their marks in attributes that need no privilege (overlayfs.rst, "User xattr").</summary>
    private string OpaqueAttribute()
        => MountLine.FindAt(store.RealDirectory)?.Options.Split(',').Contains(OverlayMount.UserAttributes) == true ? "user.overlay.opaque" : "trusted.overlay.opaque";
}
