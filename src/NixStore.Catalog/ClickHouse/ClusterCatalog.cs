using NixStore.Catalog.Orphans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>A catalog on a ClickHouse cluster, as it stood when it was opened.</summary>
public sealed class ClusterCatalog : ICatalog
{
    private readonly (long Number, ClusterState State) _version;

    private ClusterCatalog(ClickHouseCluster cluster, (long Number, ClusterState State) version) => (Cluster, _version) = (cluster, version);

    /// <inheritdoc/>
    public string Location => Cluster.Address.Name;

    /// <inheritdoc/>
    public CatalogManifest Manifest => State.Manifest;

    /// <summary>Where it is.</summary>
    internal ClickHouseCluster Cluster { get; }

    /// <summary>What it consists of, with where its parts are.</summary>
    internal ClusterState State => _version.State;

    /// <summary>Opens a catalog for reading.</summary>
    /// <exception cref="NixStoreException">
    /// CatalogNotFound, CatalogCorrupt, CatalogTooNew, CatalogUnfinished; ClickHouseShardUnavailable, ClickHouseClusterNotFound, ClickHouseClusterChanged,
    /// ClickHouseReplicasNotSupported; <see cref="ClickHouseException"/>
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    public static ClusterCatalog Open(ClickHouseAddress address, CancellationToken cancellation = default)
    {
        var cluster = ClickHouseCluster.Open(address, cancellation);
        try
        {
            // A cluster of which a part is missing is not even opened.
            _ = ShardStatus.Ask(cluster, cancellation);
            var version = new ClusterManifest(cluster).TryRead(cancellation) ?? throw ClickHouseErrors.NotFound(address.Name);
            return version.State.Manifest.UnfinishedCopyOf is { } source ? throw ManifestFile.Unfinished(address.Name, source) : new ClusterCatalog(cluster, version);
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IRootReachability Reach(DateTimeOffset now, Action<long>? progress, CancellationToken cancellation) => ClusterReachability.Open(this, now, cancellation);

    /// <inheritdoc/>
    public IEnumerable<BinaryCacheCatalogPath> Find(NarInfoFilter filter, CancellationToken cancellation) => ClusterSearch.Find(this, filter, cancellation);

    /// <inheritdoc/>
    public IEnumerable<BinaryCacheMeasure> Measure(BinaryCacheGrouping by, MeasureOptions options, CancellationToken cancellation)
        => ClusterMeasurement.Measure(this, by, options, cancellation);

    /// <inheritdoc/>
    public IEnumerable<BinaryCacheOrphan> FindOrphans(BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
        => ClusterOrphans.Find(this, kind, filter, cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<BinaryCacheOrphanDay> CountOrphansPerDay(BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
        => ClusterOrphans.CountPerDay(this, kind, filter, cancellation);

    /// <inheritdoc/>
    public long CountUnread(CancellationToken cancellation) => ClusterOrphans.CountUnread(this, cancellation);

    /// <summary>Ends the connections.</summary>
    public void Dispose() => Cluster.Dispose();

    /// <inheritdoc/>
    public override string ToString() => Location;

    /// <summary>Begins an operation.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable, ClickHouseClusterChanged, ClickHouseCatalogIncomplete, ClickHouseRowsHidden, CatalogChanged; <see cref="ClickHouseException"/></exception>
    internal ClusterSession OpenSession(CancellationToken cancellation) => new(Cluster, _version, () => ClickHouseErrors.Changed(Location), cancellation);

    /// <summary>Sees to it that the catalog was not written to since it was opened so that rows of it may be gone.</summary>
    /// <exception cref="NixStoreException">CatalogChanged; ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal void CheckCurrent(CancellationToken cancellation)
    {
        if (new ClusterManifest(Cluster).ReadNumber(cancellation) != _version.Number)
        {
            throw ClickHouseErrors.Changed(Location);
        }
    }
}
