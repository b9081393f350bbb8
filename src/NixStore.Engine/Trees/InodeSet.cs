namespace NixStore.Engine.Trees;

/// <summary>
/// A set of inode numbers, and of each whether its contents were proved to be what they should be. 9 bytes a slot, at most half of them
/// used. Safe for several threads.
/// </summary>
internal sealed class InodeSet
{
    // Enough that threads seldom meet in one.
    private const int ShardCount = 64;

    private readonly Shard[] _shards = new Shard[ShardCount];

    internal InodeSet()
    {
        for (var i = 0; i < ShardCount; i++)
        {
            _shards[i] = new Shard();
        }
    }

    /// <summary>True when the set has the inode.</summary>
    internal bool Contains(ulong inode) => ShardOf(inode, out var hash).Find(inode, hash) is not null;

    /// <summary>True when its contents were proved.</summary>
    internal bool IsProved(ulong inode) => ShardOf(inode, out var hash).Find(inode, hash) is true;

    /// <summary>Adds an inode; one that was proved stays so. True when it is new.</summary>
    internal bool Add(ulong inode, bool isProved = false) => ShardOf(inode, out var hash).Add(inode, hash, isProved);

    private Shard ShardOf(ulong inode, out uint hash)
    {
        var mixed = inode * 0x9E3779B97F4A7C15;
        hash = (uint)(mixed >> 32);
        return _shards[(mixed >> 20) % ShardCount];
    }

    private sealed class Shard
    {
        private readonly Lock _gate = new();

        // 0 is no inode number.
        private ulong[] _inodes = new ulong[64];
        private bool[] _proved = new bool[64];
        private int _count;

        internal bool? Find(ulong inode, uint hash)
        {
            lock (_gate)
            {
                var slot = SlotOf(inode, hash);
                return _inodes[slot] == inode ? _proved[slot] : null;
            }
        }

        internal bool Add(ulong inode, uint hash, bool isProved)
        {
            lock (_gate)
            {
                if (_count * 2 >= _inodes.Length)
                {
                    Grow();
                }

                var slot = SlotOf(inode, hash);
                var isNew = _inodes[slot] != inode;
                if (isNew)
                {
                    _inodes[slot] = inode;
                    _count++;
                }

                _proved[slot] |= isProved;
                return isNew;
            }
        }

        private void Grow()
        {
            var (inodes, proved) = (_inodes, _proved);
            (_inodes, _proved) = (new ulong[inodes.Length * 2], new bool[inodes.Length * 2]);
            for (var i = 0; i < inodes.Length; i++)
            {
                if (inodes[i] != 0)
                {
                    var slot = SlotOf(inodes[i], (uint)((inodes[i] * 0x9E3779B97F4A7C15) >> 32));
                    (_inodes[slot], _proved[slot]) = (inodes[i], proved[i]);
                }
            }
        }

        private int SlotOf(ulong inode, uint hash)
        {
            var mask = _inodes.Length - 1;
            var slot = (int)(hash & (uint)mask);
            while (_inodes[slot] != 0 && _inodes[slot] != inode)
            {
                slot = (slot + 1) & mask;
            }

            return slot;
        }
    }
}
