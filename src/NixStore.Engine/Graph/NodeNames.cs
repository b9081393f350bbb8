using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace NixStore.Engine.Graph;

/// <summary>
/// The names of all nodes in one array of bytes, and a table to find them: a million paths as strings would be a million objects of 200 bytes.
/// </summary>
internal sealed class NodeNames
{
    private readonly string _prefix;
    private readonly byte[] _prefixBytes;
    private readonly ulong _key = (ulong)Random.Shared.NextInt64() | 1;
    private byte[] _bytes = new byte[1 << 16];
    private int[] _ends = new int[1 << 10];

    // Rows with a path that is not in the store directory: the whole path is their name. Damage makes such, so there are few.
    private readonly HashSet<int> _foreign = [];
    private int[] _slots = [];

    /// <param name="directory">The logical store directory, without a slash at the end.</param>
    internal NodeNames(string directory)
    {
        _prefix = directory + "/";
        _prefixBytes = Encoding.UTF8.GetBytes(_prefix);
    }

    internal int Count { get; private set; }

    /// <summary>Adds the path of the next node, as UTF-8.</summary>
    internal void Add(ReadOnlySpan<byte> path)
    {
        var name = path;
        if (path.StartsWith(_prefixBytes))
        {
            name = path[_prefixBytes.Length..];
        }
        else
        {
            _foreign.Add(Count);
        }

        var start = Count == 0 ? 0 : _ends[Count - 1];
        if (_bytes.Length - start < name.Length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_bytes.Length * 2), start + name.Length));
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
        }

        name.CopyTo(_bytes.AsSpan(start));
        _ends[Count++] = start + name.Length;
    }

    /// <summary>Makes the table; after the last <see cref="Add"/>, before the first question.</summary>
    internal void Seal()
    {
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(Count * 2, 16))];
        for (var node = 0; node < Count; node++)
        {
            var slot = FirstSlot(NameOf(node));
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = node + 1;
        }
    }

    internal ReadOnlySpan<byte> NameOf(int node)
    {
        var start = node == 0 ? 0 : _ends[node - 1];
        return _bytes.AsSpan(start, _ends[node] - start);
    }

    internal string PathOf(int node) => _foreign.Contains(node) ? Encoding.UTF8.GetString(NameOf(node)) : _prefix + Encoding.UTF8.GetString(NameOf(node));

    internal int Find(string path) => FindPath(Encoding.UTF8.GetBytes(path));

    internal int FindPath(ReadOnlySpan<byte> path)
    {
        var isForeign = !path.StartsWith(_prefixBytes);
        var node = FindName(isForeign ? path : path[_prefixBytes.Length..]);
        return node >= 0 && _foreign.Contains(node) == isForeign ? node : -1;
    }

    internal int FindName(ReadOnlySpan<byte> name)
    {
        for (var slot = FirstSlot(name); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (NameOf(_slots[slot] - 1).SequenceEqual(name))
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    /// <summary>Hash parts are random already; the key keeps anybody from making names that all begin at one slot.</summary>
    private int FirstSlot(ReadOnlySpan<byte> name)
    {
        var hash = _key;
        Span<byte> word = stackalloc byte[8];
        for (var rest = name; rest.Length > 0; rest = rest[Math.Min(rest.Length, 8)..])
        {
            word.Clear();
            rest[..Math.Min(rest.Length, 8)].CopyTo(word);
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(word)) * 0x9E3779B97F4A7C15, 29);
        }

        return (int)((hash ^ (hash >> 32)) & (uint)(_slots.Length - 1));
    }
}
