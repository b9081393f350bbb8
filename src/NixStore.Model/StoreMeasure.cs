namespace NixStore;

/// <summary>What a store takes up, and what of it. All sizes are bytes.</summary>
public sealed class StoreMeasure
{
    /// <summary>URL of the store; binds to -Store of the other cmdlets.</summary>
    public required string Store { get; init; }

    /// <summary>Registered paths.</summary>
    public long PathCount { get; init; }

    /// <summary>Derivations among them.</summary>
    public long DerivationCount { get; init; }

    /// <summary>Registered paths that are not on disk.</summary>
    public long MissingCount { get; init; }

    /// <summary>Entries of the store directory that are not registered: interrupted builds, lock files, leftovers.</summary>
    public long UnregisteredCount { get; init; }

    /// <summary>Sum of the NAR sizes: what the registered paths would take up one by one.</summary>
    public long NarSize { get; init; }

    /// <summary>What the store directory takes up on disk: blocks, each file counted once however many names it has.</summary>
    public long DiskSize { get; init; }

    /// <summary>What hard links save: blocks of every further name of a file in store paths.</summary>
    public long SharedSize { get; init; }

    /// <summary>Regular files, symbolic links and directories in the store directory, the links directory left out.</summary>
    public long FileCount { get; init; }

    /// <summary>Entries of <c>.links</c>.</summary>
    public long LinkCount { get; init; }

    /// <summary>Entries of <c>.links</c> that no path uses any more; the next collection removes them.</summary>
    public long UnusedLinkCount { get; init; }

    /// <summary>What these take up on disk.</summary>
    public long UnusedLinkSize { get; init; }

    /// <summary>What the directory <c>.links</c> itself takes up on disk.</summary>
    public long LinksDirectorySize { get; init; }

    /// <summary>The database with its log.</summary>
    public long DatabaseSize { get; init; }

    /// <summary>What a collection would free; null when nobody has found out.</summary>
    public long? ReclaimableSize { get; init; }

    /// <summary>Size of the file system that the store directory is on.</summary>
    public long FileSystemSize { get; init; }

    /// <summary>What can still be written there.</summary>
    public long FreeSpace { get; init; }

    /// <summary>Inodes of that file system; 0 where it makes them as they are needed.</summary>
    public long InodeCount { get; init; }

    /// <summary>Inodes that are still free.</summary>
    public long FreeInodeCount { get; init; }

    /// <summary>The registered paths with the largest NARs, largest first.</summary>
    public IReadOnlyList<StorePathInfo> LargestPaths { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Store}: {PathCount} paths, {ByteSize.Format(DiskSize)}";
}
