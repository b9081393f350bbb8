namespace NixStore;

/// <summary>What an update of a catalog has brought.</summary>
public sealed class BinaryCacheUpdate
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Address of the cache; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>Where the narinfos came from.</summary>
    public required string Source { get; init; }

    /// <summary>Narinfos in the catalog now.</summary>
    public long PathCount { get; init; }

    /// <summary>Narinfos that came in, those that had changed among them.</summary>
    public long ReadCount { get; init; }

    /// <summary>Narinfos that went out: gone from the cache, or changed and read anew.</summary>
    public long RemovedCount { get; init; }

    /// <summary>Narinfos with which something is wrong; they are in the table findings.</summary>
    public long FindingCount { get; init; }

    /// <summary>Narinfos that could not be had this time; the next update asks for them again.</summary>
    public long SkippedCount { get; init; }

    /// <summary>Debug information, realisations and build traces that came in: the catalog notes to whom they belong.</summary>
    public long LinkCount { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Catalog}: {PathCount} paths, {ReadCount} read";
}
