using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Certificates;

/// <summary>
/// A copy of those tables of a catalog on a cluster that a plan depends on, in a folder for the time of a test: a certificate is proved by DuckDB alone, which shares
/// nothing with what has made the plan, and so by another engine than the cluster's.
/// </summary>
public sealed class CertificateCopy : IDisposable
{
    private readonly string _directory;

    private CertificateCopy(string directory) => _directory = directory;

    /// <summary>The copy.</summary>
    public CacheCatalog Catalog => CacheCatalog.Open(_directory);

    /// <summary>Copies.</summary>
    /// <param name="catalog">The catalog; it is not disposed of.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">Those of <see cref="CatalogCopy.ToFolder"/>.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static CertificateCopy Of(ClusterCatalog catalog, CancellationToken cancellation)
    {
        var copy = new CertificateCopy(TemporaryFolder.New("certificate"));
        try
        {
            CatalogCopy.From(catalog, PlanSource.Tables).ToFolder(copy._directory, false, cancellation);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Removes it.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }
}
