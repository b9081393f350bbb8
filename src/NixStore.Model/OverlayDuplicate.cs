namespace NixStore;

/// <summary>A path that an overlay store has in both layers, and what Optimize-OverlayStore or Publish-OverlayStorePath did with its upper copy.</summary>
public sealed class OverlayDuplicate
{
    /// <summary>URL of the overlay store.</summary>
    public required string Store { get; init; }

    /// <summary>URL of the lower store, whose copy was proved intact.</summary>
    public required string LowerStore { get; init; }

    /// <summary>The full logical path.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of its NAR.</summary>
    public long NarSize { get; init; }

    /// <summary>
    /// Space on disk that came free, in bytes: blocks of directories and of files whose last hard link went. Blocks that are shared with the
    /// lower copy (reflinks) count, as they do everywhere.
    /// </summary>
    public long BytesFreed { get; init; }

    /// <summary>True when nothing was removed, and <see cref="BytesFreed"/> is what would come free.</summary>
    public bool IsPrediction { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {ByteSize.Format(BytesFreed)} {(IsPrediction ? "would be freed" : "freed")}";
}
