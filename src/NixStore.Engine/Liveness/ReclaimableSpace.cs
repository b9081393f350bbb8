using NixStore.Engine.Trees;

namespace NixStore.Engine.Liveness;

/// <summary>
/// Adds up what comes free as one thing after the other is deleted: a file with several hard links when the last of them goes, where the
/// entry in .links, if it has one, goes by itself as soon as it is the last.
/// </summary>
/// <param name="links">The inodes of .links.</param>
public sealed class ReclaimableSpace(IReadOnlySet<ulong> links)
{
    private readonly Dictionary<ulong, int> _deleted = [];

    /// <summary>Bytes that are free so far.</summary>
    public long Total { get; private set; }

    /// <summary>Deletes one thing more; gives what came free by that.</summary>
    public long Add(TreeUsage usage)
    {
        var freed = usage.OwnBytes;
        foreach (var file in usage.Shared)
        {
            var deleted = _deleted.GetValueOrDefault(file.Inode) + 1;
            _deleted[file.Inode] = deleted;
            freed += deleted == file.LinkCount - (links.Contains(file.Inode) ? 1 : 0) ? file.AllocatedBytes : 0;
        }

        Total += freed;
        return freed;
    }
}
