using NixStore.Engine.Native;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Measurement;

/// <summary>Adds up what trees take up on disk. One for each worker; the inodes seen are shared, so that each counts once.</summary>
internal sealed class DiskUsage : ITreeVisitor
{
    private readonly InodeSet _seen;
    private readonly Action<NixStoreException> _failed;

    /// <summary>Prepares.</summary>
    /// <param name="seen">Inodes with several names that some worker has seen.</param>
    /// <param name="failed">Told what could not be looked at. From this worker's thread.</param>
    internal DiskUsage(InodeSet seen, Action<NixStoreException> failed)
    {
        (_seen, _failed) = (seen, failed);
        Walker = new TreeStatWalker(this);
    }

    /// <summary>Walks trees into these sums.</summary>
    internal TreeStatWalker Walker { get; }

    /// <summary>Files, directories included.</summary>
    internal long Count { get; private set; }

    /// <summary>Bytes of blocks, each inode once.</summary>
    internal long Used { get; private set; }

    /// <summary>Bytes of blocks that further names of the same inodes do not take up.</summary>
    internal long Shared { get; private set; }

    /// <inheritdoc/>
    public void Visit(in FileStatus status)
    {
        Count++;
        if (status.LinkCount == 1 || status.Type == FileType.Directory || _seen.Add(status.Inode))
        {
            Used += status.AllocatedBytes;
        }
        else
        {
            Shared += status.AllocatedBytes;
        }
    }

    /// <inheritdoc/>
    public void Failed(NixStoreException error)
    {
        // Gone since its directory was read: somebody collects meanwhile.
        if (error is not StoreIOException { ErrorNumber: Errno.NoEntry })
        {
            _failed(error);
        }
    }
}
