namespace NixStore.Engine.Graph;

/// <summary>
/// Shortest chains from any node to one node: a single breadth-first search backwards from the end, whatever the number of beginnings.
/// Not for several threads.
/// </summary>
public sealed class ShortestChains
{
    private const int Unreached = -1;

    private readonly Adjacency[] _forward;
    private readonly Adjacency[] _backward;
    private readonly int[] _distances;

    // All nodes that reach the end, nearest first.
    private readonly List<int> _reached = [];

    /// <param name="nodes">Number of nodes of the graph.</param>
    /// <param name="forward">The edges.</param>
    /// <param name="backward">The same edges, turned round.</param>
    public ShortestChains(int nodes, ReadOnlySpan<Adjacency> forward, ReadOnlySpan<Adjacency> backward)
    {
        _forward = forward.ToArray();
        _backward = backward.ToArray();
        _distances = new int[nodes];
        Array.Fill(_distances, Unreached);
    }

    /// <summary>All nodes from which the end is reached, nearest first, the end itself first of all.</summary>
    public IReadOnlyList<int> Reaching => _reached;

    /// <summary>Searches backwards from <paramref name="end"/>; what was asked for before is forgotten.</summary>
    /// <param name="end">The node that the chains lead to.</param>
    /// <param name="cancellation">Ends it.</param>
    public void SearchTo(int end, CancellationToken cancellation)
    {
        foreach (var node in _reached)
        {
            _distances[node] = Unreached;
        }

        _reached.Clear();
        _reached.Add(end);
        _distances[end] = 0;
        for (var next = 0; next < _reached.Count; next++)
        {
            if (next % 65536 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var node = _reached[next];
            foreach (var way in _backward)
            {
                foreach (var before in way[node])
                {
                    if (_distances[before] == Unreached)
                    {
                        _distances[before] = _distances[node] + 1;
                        _reached.Add(before);
                    }
                }
            }
        }
    }

    /// <summary>Number of edges from a node to the end; -1 when the end is not reached.</summary>
    public int DistanceFrom(int node) => _distances[node];

    /// <summary>
    /// All shortest chains from a node to the end, both included, made as they are asked for: there can be more of them than anybody wants.
    /// Their order depends on nothing but the order of the edges.
    /// </summary>
    public IEnumerable<IReadOnlyList<int>> ChainsFrom(int start)
    {
        if (_distances[start] == Unreached)
        {
            yield break;
        }

        var chain = new List<int> { start };
        var choices = new List<IEnumerator<int>> { CloserThan(start) };
        while (chain.Count > 0)
        {
            if (_distances[chain[^1]] == 0)
            {
                yield return chain.ToArray();
            }
            else if (choices[^1].MoveNext())
            {
                chain.Add(choices[^1].Current);
                choices.Add(CloserThan(chain[^1]));
                continue;
            }

            chain.RemoveAt(chain.Count - 1);
            choices.RemoveAt(choices.Count - 1);
        }
    }

    /// <summary>The neighbours of a node that are one step nearer to the end, each once.</summary>
    private IEnumerator<int> CloserThan(int node)
    {
        var given = new HashSet<int>();
        foreach (var way in _forward)
        {
            for (var i = 0; i < way[node].Length; i++)
            {
                var neighbour = way[node][i];
                if (_distances[neighbour] == _distances[node] - 1 && given.Add(neighbour))
                {
                    yield return neighbour;
                }
            }
        }
    }
}
