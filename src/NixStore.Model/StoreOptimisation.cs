namespace NixStore;

/// <summary>What Optimize-NixStore did, or with -WhatIf would do.</summary>
public sealed class StoreOptimisation
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>True when nothing was changed and the numbers are what a run would give.</summary>
    public bool IsPrediction { get; init; }

    /// <summary>Store paths that were walked through.</summary>
    public long Paths { get; init; }

    /// <summary>Regular files and symbolic links in them.</summary>
    public long FilesExamined { get; init; }

    /// <summary>Files that were replaced by a hard link to an equal one.</summary>
    public long FilesLinked { get; init; }

    /// <summary>Space on disk that became free by that, in bytes: blocks of files whose last name was replaced.</summary>
    public long BytesFreed { get; init; }

    /// <summary>New entries in <c>.links</c>: contents seen for the first time.</summary>
    public long LinksCreated { get; init; }

    /// <summary>Files that could not be linked: writable ones, those with as many links as the file system allows, and those with an error.</summary>
    public long FilesSkipped { get; init; }

    /// <summary>Entries of <c>.links</c> that do not hold what their name says.</summary>
    public long BadLinks { get; init; }

    /// <summary>Those of them that were replaced or removed, because no path shared them.</summary>
    public long BadLinksMended { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Store}: {FilesLinked} files linked, {ByteSize.Format(BytesFreed)} freed";
}
