using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>A catalog on a cluster that is copied: each shard gives what it has.</summary>
internal sealed class ClusterCopySource(ClusterCatalog catalog) : ICopySource
{
    /// <inheritdoc/>
    public string Location => catalog.Location;

    /// <inheritdoc/>
    public CatalogManifest Manifest => catalog.Manifest;

    /// <inheritdoc/>
    public string Load(DuckSession session, CatalogTable table, CatalogPart part, CancellationToken cancellation)
    {
        ClusterRows.Load(catalog.Cluster, session, "loaded", table, catalog.State.Condition(table, [part]), cancellation);
        return "loaded";
    }

    /// <inheritdoc/>
    public void CheckCurrent(CancellationToken cancellation) => catalog.CheckCurrent(cancellation);
}
