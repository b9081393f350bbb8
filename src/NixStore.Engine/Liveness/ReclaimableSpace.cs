using NixStore.Engine.Trees;

namespace NixStore.Engine.Liveness;

/// <summary>
/// Adds up what comes free as one thing after the other is deleted: a file with several hard links when the last of them goes, where the
/// entry in .links, if it has one, goes by itself as soon as it is the last.
/// </summary>
/// <param name="links">The inodes of .links.</param>
public sealed class ReclaimableSpace(IReadOnlySet<ulong> links)
{
    // The number of links is that of the first look: later ones see what was deleted since.
    private readonly Dictionary<ulong, (int Deleted, int LinkCount)> _files = [];
    private readonly HashSet<ulong> _orphans = [];

    /// <summary>Bytes that are free so far.</summary>
    public long Total { get; private set; }

    /// <summary>The inodes of .links that nothing else has any more.</summary>
    public IReadOnlySet<ulong> Orphans => _orphans;

    /// <summary>Deletes one thing more; gives what came free by that.</summary>
    public long Add(TreeUsage usage)
    {
        var freed = usage.OwnBytes;
        foreach (var file in usage.Shared)
        {
            var (deleted, linkCount) = _files.GetValueOrDefault(file.Inode, (0, file.LinkCount));
            _files[file.Inode] = (++deleted, linkCount);
            var isLinked = links.Contains(file.Inode);
            if (deleted != linkCount - (isLinked ? 1 : 0))
            {
                continue;
            }

            freed += file.AllocatedBytes;
            if (isLinked)
            {
                _orphans.Add(file.Inode);
            }
        }

        Total += freed;
        return freed;
    }
}
