namespace NixStore.Engine.Trees;

/// <summary>What a file tree takes on disk.</summary>
/// <param name="OwnBytes">Bytes of disk space of directories and of files with no other link.</param>
/// <param name="Shared">Its files that have further links.</param>
/// <param name="FileCount">Number of files, directories and links.</param>
/// <param name="LastUsed">Latest access time of a file.</param>
/// <param name="Changed">When the tree's own entry was changed last.</param>
/// <param name="Obstacle">What would keep it from being removed; null when nothing does.</param>
public sealed record TreeUsage(
    long OwnBytes, IReadOnlyList<SharedInode> Shared, long FileCount, DateTimeOffset LastUsed, DateTimeOffset Changed, NixStoreException? Obstacle)
{
    /// <summary>Of nothing.</summary>
    public static TreeUsage None { get; } = new(0, [], 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null);

    /// <summary>Of a tree that was just looked at.</summary>
    public static TreeUsage Of(DoomedTree tree)
        => new(tree.OwnBytes, tree.Shared.Count == 0 ? [] : [.. tree.Shared], tree.FileCount, tree.LastUsed, tree.Changed, tree.Obstacle);
}
