using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>Says why paths are alive, root by root, and why others are dead. Not for several threads.</summary>
public sealed class PathTracer
{
    private const int MaximumReferrers = 10;

    private readonly StoreGraph _graph;
    private readonly KeepEdges _edges;
    private readonly RootNotes _notes;
    private readonly NodeSet _alive;
    private readonly ShortestChains _chains;
    private readonly List<(StoreRoot Root, int Node)> _keeping = [];
    private readonly List<(StoreRoot Root, int Node)> _stale = [];
    private readonly Dictionary<string, StoreRoot> _unregistered = new(StringComparer.Ordinal);
    private readonly int _unknown;
    private ReclaimableSizes? _sizes;

    /// <param name="graph">The store.</param>
    /// <param name="roots">All its roots, those included that keep nothing.</param>
    /// <param name="settings">Which edges keep.</param>
    /// <param name="own">The processes to be named as one's own.</param>
    public PathTracer(StoreGraph graph, IReadOnlyList<StoreRoot> roots, LivenessSettings settings, OwnProcesses own)
    {
        _graph = graph;
        _edges = new KeepEdges(graph, settings);
        _notes = new RootNotes(own);
        foreach (var root in roots.Where(root => root.Path is not null))
        {
            Sort(root, graph.Find(root.Path!));
        }

        _unknown = roots.Count(root => root.Path is null && root.State == StoreRootState.Unknown);
        _alive = new NodeSet(graph.Count);
        _alive.AddClosure(_keeping.Select(root => root.Node), _edges.Forward);
        _chains = new ShortestChains(graph.Count, _edges.Forward, _edges.Backward);
    }

    /// <summary>True when any root keeps the path.</summary>
    public bool IsAlive(int node) => _alive.Contains(node);

    /// <summary>One trace for each root that keeps a path, those with the shortest chains first; for a dead path one that says why.</summary>
    /// <param name="node">The path.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends it.</param>
    public IReadOnlyList<StoreTrace> Trace(int node, int limit, CancellationToken cancellation)
    {
        _chains.SearchTo(node, cancellation);
        if (!_alive.Contains(node))
        {
            return [ExplainDeath(node)];
        }

        _sizes ??= new ReclaimableSizes(_graph, _edges, _keeping, cancellation);
        string[] dominators = [.. _sizes.Dominators.Of(node).Reverse().Select(_graph.PathOf)];
        var reaching = Nearest(_keeping);
        return [.. reaching.Take(limit).Select(found => Explain(node, found.Root, found.Node, reaching.Count, dominators))];
    }

    /// <summary>The trace of a path that the database does not have, but the store directory.</summary>
    public StoreTrace TraceUnregistered(string path) => new()
    {
        Store = _graph.Store.Url,
        Path = path,
        Alive = _unregistered.ContainsKey(path),
        Root = _unregistered.GetValueOrDefault(path),
        RootCount = _unregistered.ContainsKey(path) ? 1 : 0,
        Chain = _unregistered.ContainsKey(path) ? [path] : [],
        Reason = _unregistered.ContainsKey(path) ? null : StoreTraceReason.NotRegistered,
        Note = "it is on disk, but the database does not have it",
    };

    private void Sort(StoreRoot root, int node)
    {
        if (node < 0)
        {
            // A process may be about to register what its temporary root names.
            if (root.Kind == StoreRootKind.Temporary)
            {
                _unregistered.TryAdd(root.Path!, root);
            }
        }
        else if (root.State == StoreRootState.Stale)
        {
            _stale.Add((root, node));
        }
        else
        {
            _keeping.Add((root, node));
        }
    }

    /// <summary>Those that reach what was searched for: nearest first, then what lasts longest.</summary>
    private List<(StoreRoot Root, int Node)> Nearest(List<(StoreRoot Root, int Node)> roots) =>
    [
        .. roots.Where(root => _chains.DistanceFrom(root.Node) >= 0)
            .OrderBy(root => _chains.DistanceFrom(root.Node)).ThenBy(root => root.Root.Kind).ThenBy(root => root.Root.Link, StringComparer.Ordinal),
    ];

    private StoreTrace Explain(int node, StoreRoot root, int start, int rootCount, string[] dominators)
    {
        var (chain, edges) = ChainFrom(start);
        var (count, size) = _sizes!.Of(root);
        return new StoreTrace
        {
            Store = _graph.Store.Url,
            Path = _graph.PathOf(node),
            Alive = true,
            Root = root,
            RootCount = rootCount,
            Chain = chain,
            Edges = edges,
            Dominators = dominators,
            ReclaimableCount = count,
            ReclaimableSize = size,
            Note = _notes.Of(root, _graph.PathOf(node)),
        };
    }

    private StoreTrace ExplainDeath(int node)
    {
        var stale = Nearest(_stale);
        var (chain, edges) = stale.Count > 0 ? ChainFrom(stale[0].Node) : ([], []);
        var referrers = _chains.Reaching.Where(other => _chains.DistanceFrom(other) == 1).ToList();
        var reason = stale.Count > 0 ? StoreTraceReason.OnlyStaleRoots
            : referrers.Count > 0 ? StoreTraceReason.OnlyReferredByDead
            : StoreTraceReason.Unreferenced;
        return new StoreTrace
        {
            Store = _graph.Store.Url,
            Path = _graph.PathOf(node),
            Alive = false,
            Reason = reason,
            Root = stale.Count > 0 ? stale[0].Root : null,
            Chain = chain,
            Edges = edges,
            Referrers = [.. referrers.Take(MaximumReferrers).Select(_graph.PathOf)],
            ReferrerCount = referrers.Count,
            Note = reason switch
            {
                StoreTraceReason.OnlyStaleRoots => $"{stale[0].Root.Link} would keep it, but what it points at is gone",
                StoreTraceReason.OnlyReferredByDead => $"no root keeps any of the {referrers.Count} paths that keep it directly",
                _ => "no root and no path keeps it",
            } + (_unknown > 0 ? $"; {_unknown} roots point at what cannot be read now, and may keep it" : ""),
        };
    }

    private (IReadOnlyList<string> Chain, IReadOnlyList<StoreTraceEdge> Edges) ChainFrom(int start)
    {
        var chain = _chains.ChainsFrom(start).First();
        return ([.. chain.Select(_graph.PathOf)], [.. chain.Zip(chain.Skip(1), _edges.KindOf)]);
    }
}
