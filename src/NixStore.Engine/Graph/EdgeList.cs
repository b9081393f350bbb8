namespace NixStore.Engine.Graph;

/// <summary>Edges as they come, in blocks: a list that doubles would hold twenty millions of them up to three times while it grows.</summary>
internal sealed class EdgeList
{
    private const int BlockSize = 1 << 20;

    private readonly List<(int From, int To)[]> _blocks = [];
    private int _room;

    internal int Count => (_blocks.Count * BlockSize) - _room;

    internal void Add(int from, int to)
    {
        if (_room == 0)
        {
            // The last block may be the only one, of a store with a handful of paths; it costs no more than 8 MiB of untouched memory.
            _blocks.Add(GC.AllocateUninitializedArray<(int, int)>(BlockSize));
            _room = BlockSize;
        }

        _blocks[^1][^_room--] = (from, to);
    }

    /// <summary>The blocks in order, each as far as it is filled.</summary>
    internal IEnumerable<ArraySegment<(int From, int To)>> Blocks()
    {
        for (var block = 0; block < _blocks.Count; block++)
        {
            yield return new ArraySegment<(int, int)>(_blocks[block], 0, block == _blocks.Count - 1 ? BlockSize - _room : BlockSize);
        }
    }
}
