using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>Says by which references paths depend on one path, as `nix why-depends` does. Not for several threads.</summary>
public sealed class DependencyTracer
{
    private readonly StoreGraph _graph;
    private readonly ShortestChains _chains;
    private readonly int _dependency;

    /// <param name="graph">The store.</param>
    /// <param name="dependency">What the others are asked to depend on.</param>
    /// <param name="cancellation">Ends the search.</param>
    public DependencyTracer(StoreGraph graph, int dependency, CancellationToken cancellation)
    {
        _graph = graph;
        _dependency = dependency;
        _chains = new ShortestChains(graph.Count, [graph.References], [graph.Referrers]);
        _chains.SearchTo(dependency, cancellation);
    }

    /// <summary>The shortest chains from a path, made as they are asked for.</summary>
    /// <exception cref="DoesNotDependException"/>
    public IEnumerable<StoreDependency> Trace(int node)
    {
        if (_chains.DistanceFrom(node) < 0)
        {
            throw new DoesNotDependException(_graph.PathOf(node), _graph.PathOf(_dependency), _graph.Store);
        }

        return _chains.ChainsFrom(node).Select(chain => new StoreDependency
        {
            Store = _graph.Store.Url,
            Path = _graph.PathOf(node),
            DependsOn = _graph.PathOf(_dependency),
            Chain = [.. chain.Select(_graph.PathOf)],
        });
    }
}
