using NixStore.Engine.Native;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Measurement;

/// <summary>Counts the entries of <c>.links</c>.</summary>
/// <param name="seen">Inodes that store objects have, complete by now: what they do not have takes up space of its own.</param>
/// <param name="failed">Told what could not be looked at.</param>
internal sealed class LinksUsage(InodeSet seen, Action<NixStoreException> failed) : ITreeVisitor
{
    internal long Count { get; private set; }

    internal long Unused { get; private set; }

    internal long UnusedSize { get; private set; }

    internal long DirectorySize { get; private set; }

    /// <summary>Bytes of blocks that no store object accounts for.</summary>
    internal long Used { get; private set; }

    /// <inheritdoc/>
    public void Visit(in FileStatus status)
    {
        if (status.Type == FileType.Directory)
        {
            DirectorySize += status.AllocatedBytes;
            Used += status.AllocatedBytes;
            return;
        }

        Count++;
        if (status.LinkCount == 1)
        {
            Unused++;
            UnusedSize += status.AllocatedBytes;
        }

        Used += status.LinkCount == 1 || seen.Add(status.Inode) ? status.AllocatedBytes : 0;
    }

    /// <inheritdoc/>
    public void Failed(NixStoreException error)
    {
        if (error is not StoreIOException { ErrorNumber: Errno.NoEntry })
        {
            failed(error);
        }
    }
}
