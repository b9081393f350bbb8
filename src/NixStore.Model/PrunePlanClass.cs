namespace NixStore;

/// <summary>What of a plan is of one class.</summary>
public sealed record PrunePlanClass
{
    /// <summary>The class; null for what is of none.</summary>
    public string? Name { get; init; }

    /// <summary>Its paths.</summary>
    public long Paths { get; init; }

    /// <summary>Bytes of their NAR files; of a NAR where the file's size is not known.</summary>
    public long Bytes { get; init; }

    /// <summary>When the oldest was written.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>When the newest was written.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Paths whose size is far from that of the others: a pattern may have caught what it should not.</summary>
    public IReadOnlyList<PrunePlanOutlier> Outliers { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Name ?? "(none)"}: {Paths} paths, {ByteSize.Format(Bytes)}";
}

/// <summary>A path whose size is far from that of the others of its class.</summary>
/// <param name="Path">The store path.</param>
/// <param name="Size">Bytes of its NAR file.</param>
public sealed record PrunePlanOutlier(string Path, long Size);
