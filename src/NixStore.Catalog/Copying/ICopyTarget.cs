using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>A catalog that becomes a copy.</summary>
internal interface ICopyTarget : IDisposable
{
    /// <summary>Folder or address, without a password.</summary>
    string Location { get; }

    /// <summary>What it consists of by now.</summary>
    CatalogManifest Manifest { get; }

    /// <summary>Writes a part that does not count yet; it is there for good when this returns.</summary>
    /// <param name="session">Where the rows are.</param>
    /// <param name="source">What stands behind FROM.</param>
    /// <param name="table">The table.</param>
    /// <param name="part">The part of the source.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>How many rows were written.</returns>
    long Write(DuckSession session, string source, CatalogTable table, CatalogPart part, CancellationToken cancellation);

    /// <summary>Changes the manifest.</summary>
    void Update(Func<CatalogManifest, CatalogManifest> change, CancellationToken cancellation);

    /// <summary>Removes what the manifest does not list.</summary>
    void Clean(CancellationToken cancellation);
}
