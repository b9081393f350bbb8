using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>Counts what <see cref="PathLinker"/> would do, and changes nothing.</summary>
internal sealed unsafe class SavingsPredictor : PathOptimiser
{
    private readonly SeenContents _seen;

    /// <summary>Prepares.</summary>
    /// <param name="links">The links of the store; shared by all workers.</param>
    /// <param name="seen">What all workers have seen.</param>
    /// <param name="minimumSize">Files shorter than this are left alone.</param>
    /// <param name="failed">Told what goes wrong with a file. From this worker's thread.</param>
    internal SavingsPredictor(LinksDirectory links, SeenContents seen, long minimumSize, Action<NixStoreException> failed)
        : base(links, minimumSize, failed)
        => _seen = seen;

    /// <inheritdoc/>
    protected override void OnHashed(int directory, byte* name, in FileStatus status)
    {
        try
        {
            Count(name, status);
        }
        catch (StoreIOException error)
        {
            Skip(error);
        }
    }

    private void Count(byte* name, in FileStatus status)
    {
        if (!_seen.TryFind(Digest, out var link))
        {
            (link, var isNew) = FindLink(status);
            if (!_seen.TryAdd(Digest, link))
            {
                _ = _seen.TryFind(Digest, out link);
            }
            else if (isNew)
            {
                Counts.Created++;
                return;
            }
        }

        var file = LinkIdentity.Of(status);
        if (link is null)
        {
            Counts.Skipped++;
        }
        else if (link.Value.Inode == file.Inode)
        {
            return;
        }
        else if (!link.Value.HasMetadataOf(file))
        {
            Skip(OptimisationErrors.LinkAltered(LinkPath, Describe(name)));
        }
        else
        {
            Counts.Linked++;
            Counts.Freed += _seen.IsLastName(status) ? status.AllocatedBytes : 0;
        }
    }

    /// <summary>The link that a file would be replaced by, null for a damaged one that paths share; the file itself when it would become the link.</summary>
    private (LinkIdentity? Link, bool IsNew) FindLink(in FileStatus file)
    {
        FileStatus link;
        if (Links.Directory is null || Libc.Statx(Links.Directory.Number, Link.Pointer, Posix.AtSymlinkNoFollow, Posix.StatxBasic, &link) < 0)
        {
            return (LinkIdentity.Of(file), true);
        }

        if (link.Inode == file.Inode || Links.Inodes.IsProved(link.Inode)
            || (link.Size == file.Size && Proof.Holds(Links.Directory, Link.Pointer, link, Link.Digits, Cancellation)))
        {
            return (LinkIdentity.Of(link), false);
        }

        var others = link.LinkCount - 1;
        ReportBadLink(others, isMended: false);
        return others > 0 ? (null, false) : (LinkIdentity.Of(file), true);
    }
}
