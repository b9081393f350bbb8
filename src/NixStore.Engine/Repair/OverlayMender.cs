using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Mends paths of an overlay store that the lower store has a part in. A file that is put into a directory of the lower store through the
/// mount leaves a piece of the path in the upper layer; so either the lower's copy, proved, is made visible again, or a whole new copy is
/// put into the upper layer, opaque, so that nothing of the lower's shows through. The lower store is never written to.
/// </summary>
/// <param name="store">The overlay store.</param>
/// <param name="overlay">Its layers.</param>
internal sealed class OverlayMender(WritableStore store, OverlayLayers overlay)
{
    private static readonly byte[] s_old = ByteName.From("old");

    /// <summary>True when the lower store has the path, so that what is seen may be of both layers.</summary>
    internal bool Concerns(StorePath path) => Posix.TryStatus(overlay.Lower.RealPathOf(path), out _, out _);

    /// <summary>Removes what hides the lower store's copy, if that is what it should be; false when it is not.</summary>
    /// <exception cref="StoreIOException">Writing to the store failed.</exception>
    /// <exception cref="NixStoreException">OverlayNotRemounted</exception>
    internal bool TryUncover(StorePath path, NixHash wanted, NarHasher hasher, RepairTrail trail, CancellationToken cancellation)
    {
        var name = ByteName.From(path.BaseName);
        using var upper = OpenUpper();
        if (!Posix.TryStatusAt(upper, name, out _, out _) || !IsLowerGood(path, wanted, hasher, trail, cancellation))
        {
            return false;
        }

        using var staging = store.Stage();
        using var aside = OpenStaging(upper, staging);
        Posix.RenameAt(upper, name, aside, s_old);
        Posix.Fsync(upper);
        Finish(aside);
        return true;
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

        var name = ByteName.From(path.BaseName);
        using var upper = OpenUpper();
        using var aside = OpenStaging(upper, staging);
        if (Posix.StatusAt(aside, fresh).Type == FileType.Directory)
        {
            using var tree = Posix.OpenAt(aside, fresh, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
            Posix.SetAttribute(tree, OpaqueAttribute(), "y"u8);
            Posix.Fsync(tree);
        }

        if (Posix.TryStatusAt(upper, name, out _, out _))
        {
            Posix.ExchangeAt(aside, fresh, upper, name);
        }
        else
        {
            Posix.RenameNoReplaceAt(aside, fresh, upper, name);
        }

        Posix.Fsync(upper);
        Finish(aside);
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

    /// <summary>Lets everybody see what is there now, then removes what was there before: by the upper layer, where whiteouts are files.</summary>
    private void Finish(FileDescriptor aside)
    {
        if (OverlayRemount.TryRun(store.Location) is { } error)
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
    private FileDescriptor OpenStaging(FileDescriptor upper, StagingDirectory staging)
        => Posix.OpenAt(upper, ByteName.From(System.IO.Path.GetFileName(staging.Directory.Path)), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);

    /// <summary>Mounts of a user namespace keep their marks in attributes that need no privilege (overlayfs.rst, "User xattr").</summary>
    private string OpaqueAttribute()
        => MountLine.FindAt(store.Location.RealDirectory)?.Options.Split(',').Contains("userxattr") == true ? "user.overlay.opaque" : "trusted.overlay.opaque";
}
