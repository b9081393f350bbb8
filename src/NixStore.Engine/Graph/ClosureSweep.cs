using System.Numerics;

namespace NixStore.Engine.Graph;

/// <summary>
/// Closes a set of bits under edges by sweeping down and up over the nodes that are still to be walked through. Paths refer to paths that were
/// registered before, so nearly everything is reached in the first sweep, and in the order in which it lies in memory.
/// </summary>
/// <param name="bits">The set; one bit a node.</param>
internal ref struct ClosureSweep(ulong[] bits)
{
    /// <summary>A graph made to need one sweep for each node (which no store is) is walked through by a stack instead.</summary>
    private const int MaximumSweeps = 64;

    private readonly ulong[] _bits = bits;
    private readonly ulong[] _pending = new ulong[bits.Length];
    private int _lowest = bits.Length;
    private int _highest = -1;

    /// <summary>Number of nodes that came into the set.</summary>
    internal int Added { get; private set; }

    /// <summary>Adds a node to begin with, unless it is in the set.</summary>
    internal void Add(int node)
    {
        var (word, mask) = (node >> 6, 1UL << node);
        if ((_bits[word] & mask) == 0)
        {
            _bits[word] |= mask;
            _pending[word] |= mask;
            _lowest = Math.Min(_lowest, word);
            _highest = Math.Max(_highest, word);
            Added++;
        }
    }

    /// <summary>Adds all that is reached.</summary>
    internal void Run(scoped ReadOnlySpan<Adjacency> edges)
    {
        for (var sweeps = 0; _highest >= 0; sweeps++)
        {
            if (sweeps == MaximumSweeps)
            {
                WalkPending(edges);
                return;
            }

            var (first, last) = (_lowest, _highest);
            (_lowest, _highest) = (_bits.Length, -1);
            if (sweeps % 2 == 0)
            {
                // What a node reaches ahead of the sweep is met by this sweep; the range grows with it.
                for (var word = last; word >= Math.Min(first, _lowest); word--)
                {
                    Drain(word, edges);
                }
            }
            else
            {
                for (var word = first; word <= Math.Max(last, _highest); word++)
                {
                    Drain(word, edges);
                }
            }

            TrimRange();
        }
    }

    private void Drain(int word, scoped ReadOnlySpan<Adjacency> edges)
    {
        while (_pending[word] != 0)
        {
            var bit = BitOperations.Log2(_pending[word]);
            _pending[word] &= ~(1UL << bit);
            foreach (var way in edges)
            {
                foreach (var neighbour in way[(word << 6) + bit])
                {
                    Add(neighbour);
                }
            }
        }
    }

    /// <summary>A sweep leaves pending only what was reached behind it: the range of the next one shrinks to that.</summary>
    private void TrimRange()
    {
        while (_lowest <= _highest && _pending[_lowest] == 0)
        {
            _lowest++;
        }

        while (_highest >= _lowest && _pending[_highest] == 0)
        {
            _highest--;
        }

        if (_lowest > _highest)
        {
            (_lowest, _highest) = (_bits.Length, -1);
        }
    }

    private void WalkPending(scoped ReadOnlySpan<Adjacency> edges)
    {
        var stack = new Stack<int>();
        for (var word = _lowest; word <= _highest; word++)
        {
            for (var rest = _pending[word]; rest != 0; rest &= rest - 1)
            {
                stack.Push((word << 6) + BitOperations.TrailingZeroCount(rest));
            }
        }

        while (stack.TryPop(out var node))
        {
            foreach (var way in edges)
            {
                foreach (var neighbour in way[node])
                {
                    var (word, mask) = (neighbour >> 6, 1UL << neighbour);
                    if ((_bits[word] & mask) == 0)
                    {
                        _bits[word] |= mask;
                        Added++;
                        stack.Push(neighbour);
                    }
                }
            }
        }
    }
}
