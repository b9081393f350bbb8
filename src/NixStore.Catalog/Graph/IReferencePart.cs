namespace NixStore.Catalog.Graph;

/// <summary>A part of a table of narinfos; it can be read more than once, always in the same order.</summary>
internal interface IReferencePart
{
    /// <summary>Number of narinfos.</summary>
    long Count { get; }

    /// <summary>There are no more references than that.</summary>
    long MaximumReferences { get; }

    /// <summary>The hash parts of all.</summary>
    /// <param name="isWide">Whether the second 64 bits are wanted.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">CatalogHashMalformed</exception>
    IEnumerable<HashPrefixes> ReadNames(bool isWide, CancellationToken cancellation);

    /// <summary>All with their references. Each batch is valid until the next one is asked for.</summary>
    /// <param name="names">The hash parts of the whole table.</param>
    /// <param name="cancellation">Ends it.</param>
    IEnumerable<ReferenceBatch> ReadReferences(HashIndex names, CancellationToken cancellation);
}
