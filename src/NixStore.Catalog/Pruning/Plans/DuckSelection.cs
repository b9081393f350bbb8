using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Graph;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Chooses what goes of a catalog in a folder. Memory: a byte a narinfo beside what the engine may use.</summary>
internal sealed class DuckSelection : IPruneSelection
{
    private readonly CacheCatalog _catalog;
    private readonly PruneRequest _request;
    private readonly IReadOnlyList<BinaryCachePruneClass> _classes;
    private readonly CancellationToken _cancellation;
    private readonly RootReachability? _roots;
    private readonly CatalogGraph _graph;
    private readonly PruneMarks _marks;

    /// <summary>Walks from the roots, and prepares.</summary>
    internal DuckSelection(CacheCatalog catalog, PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes, CancellationToken cancellation)
    {
        (_catalog, _request, _classes, _cancellation) = (catalog, request, classes, cancellation);
        try
        {
            _roots = request.KeepRoots || request.Unreachable ? RootReachability.Open(catalog, request.Moment, request.GraphProgress, cancellation) : null;
            _graph = CatalogGraph.Open(catalog, Environment.ProcessorCount, request.GraphProgress, cancellation);
            _marks = new PruneMarks(_graph.References);
            Session = catalog.OpenSession();
            _roots?.Register(Session);
            _marks.Register(Session);
            Session.Execute(SqlText.Of("Pruning/Planning/macros"), cancellation);
        }
        catch
        {
            Session?.Dispose();
            _graph?.Dispose();
            _roots?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Location => _catalog.Directory;

    /// <inheritdoc/>
    public CatalogManifest Manifest => _catalog.Manifest;

    /// <inheritdoc/>
    public DuckSession Session { get; }

    /// <inheritdoc/>
    public string Shared => SharedNars.QueryOf(Manifest);

    /// <inheritdoc/>
    public ICostSource Costs => new DuckCosts(Session, Shared, _cancellation);

    /// <inheritdoc/>
    public PrunePlanSource Source() => PlanSource.Of(_catalog, Session, _request.AllowUnreadable, _cancellation);

    /// <inheritdoc/>
    public void Choose(Action<string> report)
    {
        report("candidates");
        new PruneCandidates(Session, _request, _classes, _cancellation).Mark(_marks);
        if (!_request.AllowDangling)
        {
            report("what stays refers to");
            _marks.KeepReferenced(_cancellation);
        }
    }

    /// <inheritdoc/>
    public long Count(byte mark) => _marks.Count(mark);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The session asks the graphs.
        Session.Dispose();
        _graph.Dispose();
        _roots?.Dispose();
    }
}
