using NixStore.Catalog.Orphans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;

namespace NixStore.Catalog.Storage;

/// <summary>
/// A catalog as it stood when it was opened, and what can be asked of it, wherever it is kept and whichever engine answers: <see cref="CacheCatalog"/> in a folder by
/// the embedded one, <see cref="ClickHouse.ClusterCatalog"/> on a cluster. Both give the same.
/// </summary>
public interface ICatalog : IDisposable
{
    /// <summary>Folder or address, without a password.</summary>
    string Location { get; }

    /// <summary>What it consists of.</summary>
    CatalogManifest Manifest { get; }

    /// <summary>Walks from the roots.</summary>
    /// <param name="now">The moment that says which roots there are.</param>
    /// <param name="progress">Gets the narinfos read where a graph has to be built, of twice as many in all; null = nobody wants to know.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">CatalogHasNoRoots; of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    IRootReachability Reach(DateTimeOffset now, Action<long>? progress, CancellationToken cancellation);

    /// <summary>Finds narinfos, in any order.</summary>
    /// <param name="filter">Which; what its reachability is must come from this catalog.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">CatalogTableEmpty: orphans are asked for, and nothing is known of Hydra; CatalogQueryInvalid; of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    IEnumerable<BinaryCacheCatalogPath> Find(NarInfoFilter filter, CancellationToken cancellation);

    /// <summary>Counts and sizes, as a whole or by groups.</summary>
    /// <exception cref="NixStoreException">PriceMissing; CatalogHasNoRoots; of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    IEnumerable<BinaryCacheMeasure> Measure(BinaryCacheGrouping by, MeasureOptions options, CancellationToken cancellation);

    /// <summary>What hangs in the air, in the order of the keys.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty; of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    IEnumerable<BinaryCacheOrphan> FindOrphans(BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation);

    /// <summary>The same counted by day, the oldest first.</summary>
    /// <exception cref="NixStoreException">CatalogTableEmpty; of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    IReadOnlyList<BinaryCacheOrphanDay> CountOrphansPerDay(BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation);

    /// <summary>Narinfos of the listing that the catalog has not read.</summary>
    /// <exception cref="NixStoreException">Of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    long CountUnread(CancellationToken cancellation);
}
