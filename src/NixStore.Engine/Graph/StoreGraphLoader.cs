using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Graph;

/// <summary>Reads the tables from front to back, not by their indices: an index that has lost rows would lose edges.</summary>
internal sealed class StoreGraphLoader
{
    private const int CancellationInterval = 1 << 14;

    private readonly SqliteConnection _connection;
    private readonly CancellationToken _cancellation;
    private readonly NodeNames _names;
    private readonly List<long> _rows = [];
    private readonly List<long> _sizes = [];
    private readonly List<long> _times = [];
    private readonly List<DanglingReference> _dangling = [];
    private int[]? _nodes;

    private StoreGraphLoader(SqliteConnection connection, string directory, CancellationToken cancellation)
    {
        _connection = connection;
        _cancellation = cancellation;
        _names = new NodeNames(directory);
    }

    internal static StoreGraph Load(SqliteConnection connection, StoreLocation store, CancellationToken cancellation)
        => new StoreGraphLoader(connection, store.Directory.Path, cancellation).Load(store);

    private StoreGraph Load(StoreLocation store)
    {
        ReadPaths();
        _names.Seal();
        var rows = _rows.ToArray();
        IndexRows(rows);
        var derivers = ReadDerivers();
        var references = Adjacency.Build(rows.Length, ReadReferences(rows));
        var outputs = Adjacency.Build(rows.Length, ReadOutputs(rows));
        return new StoreGraph(
            store, _names, rows, _sizes.ToArray(), _times.ToArray(), derivers, references, references.Turn(), outputs, outputs.Turn(), _dangling);
    }

    private void ReadPaths()
    {
        using var row = new Statement(_connection, "select id, path, registrationTime, narSize from ValidPaths not indexed order by id");
        while (row.Step())
        {
            CancelNowAndThen(_names.Count);
            if (_rows.Count > 0)
            {
                RowOrder.EnsureAfter(_rows[^1], row.Int64(0));
            }

            _names.Add(row.Bytes(1));
            _rows.Add(row.Int64(0));
            _times.Add(row.Int64(2));
            _sizes.Add(Math.Max(row.Int64(3), 0));
        }
    }

    /// <summary>In a pass of its own, when all names are known: their texts would be the largest part of what is in memory.</summary>
    private int[] ReadDerivers()
    {
        using var row = new Statement(_connection, "select deriver from ValidPaths not indexed order by id");
        var derivers = new int[_names.Count];
        for (var node = 0; row.Step(); node++)
        {
            CancelNowAndThen(node);
            derivers[node] = row.IsNull(0) ? -1 : _names.FindPath(row.Bytes(0));
        }

        return derivers;
    }

    private EdgeList ReadReferences(long[] rows)
    {
        using var row = new Statement(_connection, "select referrer, reference from Refs not indexed");
        var edges = new EdgeList();
        while (row.Step())
        {
            CancelNowAndThen(edges.Count);
            var (referrerRow, referenceRow) = (row.Int64(0), row.Int64(1));
            var (referrer, reference) = (NodeOf(referrerRow, rows), NodeOf(referenceRow, rows));
            if (referrer < 0 || reference < 0)
            {
                _dangling.Add(new DanglingReference(referrerRow, referenceRow, referrer, reference));
            }
            else if (referrer != reference)
            {
                edges.Add(referrer, reference);
            }
        }

        return edges;
    }

    private EdgeList ReadOutputs(long[] rows)
    {
        using var row = new Statement(_connection, "select drv, path from DerivationOutputs not indexed");
        var edges = new EdgeList();
        while (row.Step())
        {
            CancelNowAndThen(edges.Count);
            var derivation = NodeOf(row.Int64(0), rows);
            var output = row.IsNull(1) ? -1 : _names.FindPath(row.Bytes(1));
            if (derivation >= 0 && output >= 0)
            {
                edges.Add(derivation, output);
            }
        }

        return edges;
    }

    /// <summary>Ids of a store that was not collected often are nearly consecutive: a table of them is smaller and faster than searching.</summary>
    private void IndexRows(long[] rows)
    {
        if (rows.Length == 0 || rows[0] < 0 || rows[^1] > Math.Min(rows.Length * 4L, int.MaxValue / 2))
        {
            return;
        }

        _nodes = new int[rows[^1] + 1];
        for (var node = 0; node < rows.Length; node++)
        {
            _nodes[rows[node]] = node + 1;
        }
    }

    private int NodeOf(long row, long[] rows)
    {
        if (_nodes is not null)
        {
            return row >= 0 && row < _nodes.Length ? _nodes[row] - 1 : -1;
        }

        var index = Array.BinarySearch(rows, row);
        return index < 0 ? -1 : index;
    }

    private void CancelNowAndThen(int count)
    {
        if (count % CancellationInterval == 0)
        {
            _cancellation.ThrowIfCancellationRequested();
        }
    }
}
