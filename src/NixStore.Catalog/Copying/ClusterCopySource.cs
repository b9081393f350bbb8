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
    public void CheckApart(ClickHouseAddress target, CancellationToken cancellation)
    {
        if (target.Database != catalog.Cluster.Address.Database)
        {
            return;
        }

        using var cluster = ClickHouseCluster.Open(target, cancellation);
        if (cluster.Shards.Any(shard => catalog.Cluster.Shards.Any(own => own.Name == shard.Name)))
        {
            throw new NixStoreException("CatalogCopyOntoItself", StoreErrorKind.InvalidArgument, $"'{target}' has servers and the database of '{Location}': it cannot be copied onto itself.", target.Name,
                "Give another database, or copy it into a folder, and from there.");
        }
    }

    /// <inheritdoc/>
    public void CheckCurrent(CancellationToken cancellation) => catalog.CheckCurrent(cancellation);
}
