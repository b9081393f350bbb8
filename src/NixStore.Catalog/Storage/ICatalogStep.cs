namespace NixStore.Catalog.Storage;

/// <summary>One step of a change to a catalog: new parts are written, and one exchange of the manifest makes them count. One that is not committed has changed nothing.</summary>
public interface ICatalogStep
{
    /// <summary>The manifest that <see cref="Commit"/> will write.</summary>
    CatalogManifest Manifest { get; }

    /// <summary>Writes the rows of a query in <see cref="ICatalogWriter.Session"/> as a new part of a table.</summary>
    /// <param name="table">Which.</param>
    /// <param name="select">A SELECT with the table's columns in their order and types, sorted if the table is.</param>
    /// <param name="pending">The part counts only when <see cref="ReplaceByPending"/> says so.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Its rows; when there are none, there is no part.</returns>
    /// <exception cref="NixStoreException">Of the engines.</exception>
    /// <exception cref="OperationCanceledException"/>
    long Write(CatalogTable table, string select, bool pending = false, CancellationToken cancellation = default);

    /// <summary>Makes the pending parts the table.</summary>
    void ReplaceByPending(CatalogTable table);

    /// <summary>Forgets the pending parts.</summary>
    void DropPending(CatalogTable table);

    /// <summary>Changes something else of the manifest.</summary>
    void Update(Func<CatalogManifest, CatalogManifest> change);

    /// <summary>Makes the step part of the catalog.</summary>
    /// <exception cref="NixStoreException">Errors of writing.</exception>
    void Commit();
}
