using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Orphans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;

namespace NixStore.Catalog.Storage;

/// <summary>
/// A catalog as it stood when it was opened: the contents of a binary cache as a folder of Parquet files. Reading needs no lock; a writer removes
/// files that have gone out of use only when the next one begins.
/// </summary>
public sealed class CacheCatalog : ICatalog
{
    private CacheCatalog(string directory, CatalogManifest manifest)
    {
        Directory = directory;
        Manifest = manifest;
    }

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <inheritdoc/>
    public string Location => Directory;

    /// <inheritdoc/>
    public CatalogManifest Manifest { get; }

    /// <summary>Opens a catalog for reading.</summary>
    /// <exception cref="NixStoreException">CatalogNotFound, CatalogCorrupt, CatalogTooNew, CatalogUnfinished; errors of reading.</exception>
    public static CacheCatalog Open(string directory)
    {
        var manifest = ManifestFile.TryRead(directory) ?? throw new NixStoreException("CatalogNotFound", StoreErrorKind.NotFound,
            $"'{directory}' is no catalog of a binary cache: it has no {CatalogManifest.FileName}.", directory,
            "Make one by Import-BinaryCacheInventory or Update-BinaryCacheCatalog, or check the path.");
        return manifest.UnfinishedCopyOf is { } source ? throw ManifestFile.Unfinished(directory, source) : new CacheCatalog(directory, manifest);
    }

    /// <summary>The files of a table.</summary>
    public IReadOnlyList<string> PathsOf(CatalogTable table) => [.. Manifest[table].Parts.Select(part => PathOf(table, part.Name))];

    /// <summary>
    /// Starts an engine that has each table as a view (<c>narinfos</c>, <c>objects</c>, …), each table's form as an
    /// empty table of the schema <c>form</c>, and the macros of Sql/macros.sql.
    /// </summary>
    /// <param name="options">What it may use; null = the defaults.</param>
    /// <exception cref="NixStoreException">LibraryNotFound; <see cref="DuckException"/></exception>
    public DuckSession OpenSession(DuckOptions? options = null)
    {
        var session = new DuckSession(options ?? new DuckOptions { TemporaryDirectory = SpillDirectory.For(Directory) });
        try
        {
            CatalogViews.Create(session, PathsOf);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IRootReachability Reach(DateTimeOffset now, Action<long>? progress, CancellationToken cancellation) => RootReachability.Open(this, now, progress, cancellation);

    /// <inheritdoc/>
    public IEnumerable<BinaryCacheCatalogPath> Find(NarInfoFilter filter, CancellationToken cancellation) => NarInfoSearch.Find(this, filter, cancellation);

    /// <inheritdoc/>
    public IEnumerable<BinaryCacheMeasure> Measure(BinaryCacheGrouping by, MeasureOptions options, CancellationToken cancellation)
        => CacheMeasurement.Measure(this, by, options, cancellation);

    /// <inheritdoc/>
    public IEnumerable<BinaryCacheOrphan> FindOrphans(BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
        => OrphanSearch.Find(this, kind, filter, cancellation);

    /// <inheritdoc/>
    public IReadOnlyList<BinaryCacheOrphanDay> CountOrphansPerDay(BinaryCacheOrphanKind kind, OrphanFilter filter, CancellationToken cancellation)
        => OrphanSearch.CountPerDay(this, kind, filter, cancellation);

    /// <inheritdoc/>
    public long CountUnread(CancellationToken cancellation) => OrphanSearch.CountUnread(this, cancellation);

    /// <summary>There is nothing to release: each question has an engine of its own.</summary>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public override string ToString() => Directory;

    private string PathOf(CatalogTable table, string name) => Path.Combine(Directory, table.Name, name);
}
