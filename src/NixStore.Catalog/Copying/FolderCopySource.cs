using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>A catalog in a folder that is copied.</summary>
internal sealed class FolderCopySource(CacheCatalog catalog) : ICopySource
{
    /// <inheritdoc/>
    public string Location => catalog.Directory;

    /// <inheritdoc/>
    public CatalogManifest Manifest => catalog.Manifest;

    /// <inheritdoc/>
    public string Load(DuckSession session, CatalogTable table, CatalogPart part, CancellationToken cancellation)
        => DuckFiles.Parquet(Path.Combine(catalog.Directory, table.Name, part.Name));

    /// <inheritdoc/>
    public void CheckApart(ClickHouseAddress target, CancellationToken cancellation)
    {
        // A folder is no cluster.
    }

    /// <inheritdoc/>
    public void CheckCurrent(CancellationToken cancellation)
    {
        // Files that are gone are errors when they are read.
    }
}
