using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Graph;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Roots;

/// <summary>What of a catalog its roots lead to: by references alone. Whom a narinfo names as its deriver is not kept by it.</summary>
public sealed class RootReachability : IRootReachability
{
    private readonly CatalogGraph _graph;
    private readonly CatalogReachability _reached;

    private RootReachability(CatalogGraph graph, CatalogReachability reached)
    {
        _graph = graph;
        _reached = reached;
    }

    /// <inheritdoc/>
    public long Count => _reached.Count;

    /// <inheritdoc/>
    public int Levels => _reached.Levels;

    /// <summary>Walks from the roots; the graph is built first when there is none of these narinfos.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="now">The moment that says which roots there are.</param>
    /// <param name="progress">Gets the narinfos read for the graph, of twice as many in all; null = nobody wants to know.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">
    /// CatalogHasNoRoots: there are none, all have expired, or the cache has none of them; those of <see cref="CatalogGraph.Open"/>; <see cref="DuckException"/>
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    public static RootReachability Open(CacheCatalog catalog, DateTimeOffset now, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        var roots = RootSet.At(catalog, now, cancellation);
        var graph = CatalogGraph.Open(catalog, Environment.ProcessorCount, progress, cancellation);
        try
        {
            var reached = graph.Reach(roots.ReadHashes(cancellation), Environment.ProcessorCount, cancellation);
            return reached.Count > 0 || graph.Count == 0 ? new RootReachability(graph, reached) : throw RootErrors.None(catalog.Directory, "has no narinfo of any of its roots");
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Steps from the nearest root, at most 254 are told; -1 when no root leads there or the catalog does not have it.</summary>
    public int DepthOf(string hash) => _reached.DepthOf(hash);

    /// <summary>Lets a session's SQL ask by <c>depth(hash)</c>. The session must end before this does.</summary>
    /// <exception cref="DuckException"/>
    public void Register(DuckSession session) => _reached.Register(session);

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();
}
