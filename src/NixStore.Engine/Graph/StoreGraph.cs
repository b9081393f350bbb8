using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Graph;

/// <summary>
/// All registered paths of a store and how they refer to each other, in memory: a path is a node, an <see cref="int"/> from 0 in the order
/// of registration, and edges are rows of compressed arrays. About 100 bytes a path and 8 a reference. Immutable, for any number of threads.
/// </summary>
public sealed class StoreGraph
{
    private readonly NodeNames _names;
    private readonly long[] _rows;
    private readonly long[] _sizes;
    private readonly long[] _times;
    private readonly int[] _derivers;

    internal StoreGraph(
        StoreLocation store, NodeNames names, long[] rows, long[] sizes, long[] times, int[] derivers, Adjacency references, Adjacency referrers,
        Adjacency outputs, Adjacency makers, IReadOnlyList<DanglingReference> dangling)
    {
        Store = store;
        _names = names;
        _rows = rows;
        _sizes = sizes;
        _times = times;
        _derivers = derivers;
        References = references;
        Referrers = referrers;
        Outputs = outputs;
        Makers = makers;
        DanglingReferences = dangling;
    }

    /// <summary>The store it shows.</summary>
    public StoreLocation Store { get; }

    /// <summary>Number of nodes.</summary>
    public int Count => _rows.Length;

    /// <summary>From each path to what it refers to; itself is left out.</summary>
    public Adjacency References { get; }

    /// <summary>From each path to what refers to it; itself is left out.</summary>
    public Adjacency Referrers { get; }

    /// <summary>From each derivation to its registered outputs (table DerivationOutputs).</summary>
    public Adjacency Outputs { get; }

    /// <summary>From each path to the registered derivations that table DerivationOutputs names as its makers.</summary>
    public Adjacency Makers { get; }

    /// <summary>References from or to rows that do not exist: the database contradicts itself.</summary>
    public IReadOnlyList<DanglingReference> DanglingReferences { get; }

    /// <summary>Loads the graph in one pass over each table, all from one state of the database.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public static StoreGraph Load(StoreDatabase database, CancellationToken cancellation)
        => database.ReadConsistently(connection => StoreGraphLoader.Load(connection, database.Store, cancellation));

    /// <inheritdoc cref="Load(StoreDatabase, CancellationToken)"/>
    public static StoreGraph Load(StoreDatabaseWriter database, CancellationToken cancellation)
        => database.ReadConsistently(connection => StoreGraphLoader.Load(connection, database.Store, cancellation), cancellation);

    /// <summary>The full logical path of a node.</summary>
    public string PathOf(int node) => _names.PathOf(node);

    /// <summary>The base name of a node, as bytes without NUL; the whole path when it is none of this store.</summary>
    public ReadOnlySpan<byte> NameOf(int node) => _names.NameOf(node);

    /// <summary>The id of a node's row.</summary>
    public long RowOf(int node) => _rows[node];

    /// <summary>The registered NAR size of a node in bytes; 0 when unknown.</summary>
    public long NarSizeOf(int node) => _sizes[node];

    /// <summary>When a node was registered.</summary>
    public DateTimeOffset RegistrationTimeOf(int node) => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(_times[node], 0, 253402300799));

    /// <summary>The node of a node's deriver; -1 when it has none that is registered.</summary>
    public int DeriverOf(int node) => _derivers[node];

    /// <summary>True when a node's path is one of this store; only damage makes others.</summary>
    public bool IsStorePath(int node) => Store.Directory.TryParse(PathOf(node), out _);

    /// <summary>True when a node is a derivation by its name.</summary>
    public bool IsDerivation(int node) => NameOf(node).EndsWith(".drv"u8);

    /// <summary>The node of a full logical path; -1 when it is not registered.</summary>
    public int Find(string path) => _names.Find(path);

    /// <summary>The node of a base name given as bytes without NUL; -1 when it is not registered.</summary>
    public int FindName(ReadOnlySpan<byte> name) => _names.FindName(name);

    /// <summary>The node of a row's id; -1 when there is none.</summary>
    public int FindRow(long id)
    {
        var index = Array.BinarySearch(_rows, id);
        return index < 0 ? -1 : index;
    }

    /// <summary>All that is reached from <paramref name="starts"/> along <paramref name="edges"/>, these included, as one bit a node.</summary>
    public NodeSet Close(IEnumerable<int> starts, Adjacency edges)
    {
        var closure = new NodeSet(Count);
        closure.AddClosure(starts, edges);
        return closure;
    }
}
