using System.Text;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Graph;

/// <summary>What of a catalog is reached from some roots.</summary>
public sealed class CatalogReachability
{
    private readonly ReferenceGraph _graph;
    private readonly ReachableSet _reached;

    internal CatalogReachability(ReferenceGraph graph, ReachableSet reached)
    {
        _graph = graph;
        _reached = reached;
    }

    /// <summary>How many narinfos are reached, roots included.</summary>
    public long Count => _reached.Count;

    /// <summary>The most steps from a root.</summary>
    public int Levels => _reached.Levels;

    /// <summary>Steps from the nearest root, at most 254 are told; -1 when no root leads there or the catalog does not have it.</summary>
    public int DepthOf(string hash) => DepthOf(_graph.Find(Encoding.ASCII.GetBytes(hash)));

    /// <summary>Lets a session's SQL ask: <c>depth(hash)</c> is what <see cref="DepthOf(string)"/> gives, so unreachable are those with -1.</summary>
    /// <exception cref="DuckException"/>
    public void Register(DuckSession session) => DuckFunction.Register(session, "depth", (hashes, depths) =>
    {
        _graph.Find(hashes, depths);
        foreach (ref var narinfo in depths)
        {
            narinfo = DepthOf(narinfo);
        }
    });

    private int DepthOf(int narinfo) => narinfo >= 0 ? _reached.DepthOf(narinfo) : -1;
}
