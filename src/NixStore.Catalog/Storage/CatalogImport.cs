namespace NixStore.Catalog.Storage;

/// <summary>What sort of source an import has.</summary>
public enum CatalogImportKind
{
    /// <summary>A report of S3 Inventory.</summary>
    Inventory,
    /// <summary>A listing of a folder or bucket.</summary>
    Listing,
    /// <summary>Narinfos as Parquet files.</summary>
    Dataset,
}

/// <summary>Something that was imported, and how far.</summary>
public sealed record CatalogImport
{
    /// <summary>Path or URL.</summary>
    public required string Source { get; init; }

    /// <summary>What it is.</summary>
    public CatalogImportKind Kind { get; init; }

    /// <summary>When the source was made, by its own word.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>True when all of it is in the catalog.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Its files that are in the catalog, in order.</summary>
    public IReadOnlyList<CatalogImportFile> Files { get; init; } = [];

    /// <summary>How it differs from what was there before; null when there was nothing.</summary>
    public CatalogDifference? Difference { get; init; }
}

/// <summary>A file of an import.</summary>
/// <param name="Key">Its name in the source.</param>
/// <param name="Digest">MD5 of an inventory's file, or what else tells that it is the same one.</param>
/// <param name="Rows">Rows that came of it.</param>
public sealed record CatalogImportFile(string Key, string Digest, long Rows);

/// <summary>How two states of a bucket differ, in objects.</summary>
/// <param name="Added">In the new one only.</param>
/// <param name="Changed">Other contents by size and ETag.</param>
/// <param name="Removed">In the old one only.</param>
/// <param name="Unchanged">The same in both.</param>
public sealed record CatalogDifference(long Added, long Changed, long Removed, long Unchanged);
