using System.Runtime.InteropServices;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>
/// Replaces files by hard links to equal ones. At every moment each name holds the right contents: a link is made under a temporary name,
/// proved and renamed over the file. A kill leaves at most that temporary name and a directory with another time of modification.
/// </summary>
/// <remarks>
/// No path is locked, as in Nix. Should a repair exchange the file in the instant between the last look at its inode and the rename, it is
/// replaced by what it held when it was hashed.
/// </remarks>
internal sealed unsafe class PathLinker : PathOptimiser
{
    /// <summary>How often a collector may take a link away between two calls before the file is left alone.</summary>
    private const int Attempts = 8;

    private const int OwnerMayWrite = 0b010_000_000;
    private readonly TemporaryLinkName _temporary = new();
    private readonly List<bool> _changed = [];

    internal PathLinker(LinksDirectory links, long minimumSize, Action<NixStoreException> failed) : base(links, minimumSize, failed)
    {
    }

    /// <inheritdoc/>
    protected override void OnDirectory(int descriptor)
    {
        if (_changed.Count < Depth)
        {
            _changed.Add(false);
        }

        _changed[Depth - 1] = false;
    }

    /// <inheritdoc/>
    protected override void OnDirectoryEnd(int descriptor)
    {
        if (!_changed[Depth - 1])
        {
            return;
        }

        try
        {
            using var directory = new FileDescriptor(descriptor, Describe(null), ownsHandle: false);
            Posix.Fchmod(directory, CanonicalMetadata.ExecutableMode);
            Posix.SetModificationTime(directory, CanonicalMetadata.ModificationTime);
        }
        catch (StoreIOException error)
        {
            OnError(error);
        }
    }

    /// <inheritdoc/>
    protected override void OnHashed(int directory, byte* name, in FileStatus status)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryCreateLink(directory, name, status) || TryTakeLink(directory, name, status))
            {
                return;
            }
        }

        Skip(OptimisationErrors.FileChanged(Describe(name)));
    }

    /// <summary>Makes the file the link of its contents; false when there is one already.</summary>
    private bool TryCreateLink(int directory, byte* name, in FileStatus status)
    {
        if (Libc.LinkAt(directory, name, Links.Directory!.Number, Link.Pointer, 0) == 0)
        {
            Counts.Created++;
            Links.Inodes.Add(status.Inode, isProved: true);
            return true;
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case Errno.Exists:
                return false;
            case Errno.TooManyLinks or Errno.NoSpace:
                // On ext4 the second means that the directory can take no more names, although there is space.
                Counts.Skipped++;
                return true;
            default:
                Skip(Failed("link", name));
                return true;
        }
    }

    /// <summary>Puts the link in the place of the file, if it deserves it; false when the link is gone.</summary>
    private bool TryTakeLink(int directory, byte* name, in FileStatus status)
    {
        if (!TryMakeTemporary())
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.NoEntry:
                    return false;
                case Errno.TooManyLinks:
                    Counts.Skipped++;
                    return true;
                default:
                    Skip(Failed("link", name));
                    return true;
            }
        }

        var isTaken = false;
        try
        {
            isTaken = TakeTemporary(directory, name, status);
        }
        catch (StoreIOException error)
        {
            Skip(error);
        }
        finally
        {
            if (!isTaken)
            {
                _ = Libc.UnlinkAt(Links.Store.Number, _temporary.Pointer, 0);
            }
        }

        return true;
    }

    /// <summary>A second name for the link, so that what is proved is what is put in place, whatever happens to the first name.</summary>
    private bool TryMakeTemporary()
    {
        for (; ; )
        {
            if (Libc.LinkAt(Links.Directory!.Number, Link.Pointer, Links.Store.Number, _temporary.Pointer, 0) == 0)
            {
                return true;
            }

            if (Marshal.GetLastPInvokeError() != Errno.Exists)
            {
                return false;
            }

            // Left behind by a process that had this id before.
            _temporary.Next();
        }
    }

    /// <summary>Renames the temporary link over the file; false when it must not or cannot be.</summary>
    private bool TakeTemporary(int directory, byte* name, in FileStatus status)
    {
        var link = Posix.StatusAt(Links.Store, _temporary.Bytes);
        if (link.Inode == status.Inode)
        {
            Links.Inodes.Add(link.Inode, isProved: true);
            return false;
        }

        if (!IsProved(link, status))
        {
            MendLink(directory, name, link, status);
            return false;
        }

        if (!LinkIdentity.Of(link).HasMetadataOf(LinkIdentity.Of(status)))
        {
            Skip(OptimisationErrors.LinkAltered(LinkPath, Describe(name)));
            return false;
        }

        FileStatus now;
        if (Libc.Statx(directory, name, Posix.AtSymlinkNoFollow, Posix.StatxBasic, &now) < 0 || !now.IsSameFile(status))
        {
            Skip(OptimisationErrors.FileChanged(Describe(name)));
            return false;
        }

        return Replace(directory, name, now);
    }

    private bool IsProved(in FileStatus link, in FileStatus file)
    {
        if (link.Size != file.Size)
        {
            return false;
        }

        if (!Links.Inodes.IsProved(link.Inode))
        {
            if (!Proof.Holds(Links.Store, _temporary.Pointer, link, Link.Digits, Cancellation))
            {
                return false;
            }

            Links.Inodes.Add(link.Inode, isProved: true);
        }

        return true;
    }

    private bool Replace(int directory, byte* name, in FileStatus file)
    {
        var isInside = Depth > 0;
        if (Libc.RenameAt2(Links.Store.Number, _temporary.Pointer, directory, name, 0) < 0
            && !(isInside && Marshal.GetLastPInvokeError() == Errno.AccessDenied && TryRenameWritable(directory, name)))
        {
            if (Marshal.GetLastPInvokeError() == Errno.TooManyLinks)
            {
                Counts.Skipped++;
            }
            else
            {
                Skip(Failed("replace", name));
            }

            return false;
        }

        if (isInside)
        {
            _changed[Depth - 1] = true;
        }

        Counts.Linked++;
        Counts.Freed += file.LinkCount == 1 ? file.AllocatedBytes : 0;
        return true;
    }

    /// <summary>Only root may write to a directory that its owner may not write to.</summary>
    private bool TryRenameWritable(int directory, byte* name)
    {
        if (Libc.Fchmod(directory, CanonicalMetadata.ExecutableMode | OwnerMayWrite) < 0)
        {
            return false;
        }

        _changed[Depth - 1] = true;
        return Libc.RenameAt2(Links.Store.Number, _temporary.Pointer, directory, name, 0) == 0;
    }

    /// <summary>The link is damaged: puts the file, which was just hashed, in its place if no path shares it.</summary>
    private void MendLink(int directory, byte* name, in FileStatus link, in FileStatus file)
    {
        // Its other names are the one in .links and the temporary one.
        var others = link.LinkCount - 2;
        if (others > 0)
        {
            Counts.Skipped++;
            ReportBadLink(others, isMended: false);
            return;
        }

        _ = Libc.UnlinkAt(Links.Store.Number, _temporary.Pointer, 0);
        if (Libc.LinkAt(directory, name, Links.Store.Number, _temporary.Pointer, 0) < 0
            || Libc.RenameAt2(Links.Store.Number, _temporary.Pointer, Links.Directory!.Number, Link.Pointer, 0) < 0)
        {
            Skip(Failed("link", name));
            ReportBadLink(0, isMended: false);
            return;
        }

        Links.Inodes.Add(file.Inode, isProved: true);
        Counts.Created++;
        ReportBadLink(0, isMended: true);
    }
}
