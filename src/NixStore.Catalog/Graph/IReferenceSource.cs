namespace NixStore.Catalog.Graph;

/// <summary>Where the narinfos of a graph come from: a table that can be read more than once, always in the same order.</summary>
internal interface IReferenceSource
{
    /// <summary>What errors call it.</summary>
    string Name { get; }

    /// <summary>Number of narinfos.</summary>
    long Count { get; }

    /// <summary>The hash parts of all.</summary>
    /// <param name="isWide">Whether the second 64 bits are wanted.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">CatalogHashMalformed</exception>
    IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation);

    /// <summary>All with their references.</summary>
    /// <param name="isWide">Whether the second 64 bits are wanted.</param>
    /// <param name="cancellation">Ends it.</param>
    IEnumerable<ReferenceBatch> ReadReferences(bool isWide, CancellationToken cancellation);
}
