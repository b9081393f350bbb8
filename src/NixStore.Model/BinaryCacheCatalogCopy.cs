namespace NixStore;

/// <summary>A catalog that was copied.</summary>
public sealed class BinaryCacheCatalogCopy
{
    /// <summary>Folder or address of the copy; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Folder or address of what was copied.</summary>
    public required string Source { get; init; }

    /// <summary>Address of the cache; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>Narinfos in the copy.</summary>
    public long PathCount { get; init; }

    /// <summary>Objects of the bucket in the copy.</summary>
    public long ObjectCount { get; init; }

    /// <summary>Rows of all tables.</summary>
    public long RowCount { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Catalog}: {PathCount} paths, copied from {Source}";
}
