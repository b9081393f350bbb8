using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace NixStore.Engine.Archive;

/// <summary>
/// The paths that <see cref="ReferenceScanner"/> looks for, by their hash parts. Never changed once it is made: any number of scanners use
/// one table at the same time, be it of all paths of a store.
/// </summary>
public sealed class ReferenceTable
{
    private const int FewestFilterBits = 16;
    private const int MostFilterBits = 26;

    private readonly Dictionary<HashPart, StorePath> _paths = [];

    // Which windows can be wanted at all, by a hash of their first half: text that is all digits would otherwise look each one up.
    private readonly ulong[] _filter;
    private readonly int _shift;

    /// <summary>Makes the table of some paths; of two with the same hash part the later one counts.</summary>
    public ReferenceTable(IEnumerable<StorePath> candidates)
    {
        foreach (var candidate in candidates)
        {
            _paths[MemoryMarshal.Read<HashPart>(Encoding.ASCII.GetBytes(candidate.HashPart))] = candidate;
        }

        // Of windows that are not wanted, one in 16 to 32 gets through.
        var bits = Math.Clamp(BitOperations.Log2((uint)_paths.Count + 1) + 5, FewestFilterBits, MostFilterBits);
        _filter = new ulong[(1 << bits) / 64];
        _shift = 64 - bits;
        foreach (var part in _paths.Keys)
        {
            var bit = FilterBit(part);
            _filter[bit / 64] |= 1UL << (int)(bit % 64);
        }
    }

    /// <summary>Number of paths in it.</summary>
    public int Count => _paths.Count;

    /// <summary>The path whose hash part is the given 32 bytes.</summary>
    internal bool TryFind(ReadOnlySpan<byte> window, [NotNullWhen(true)] out StorePath? path)
    {
        var part = MemoryMarshal.Read<HashPart>(window);
        var bit = FilterBit(part);
        if ((_filter[bit / 64] & (1UL << (int)(bit % 64))) != 0)
        {
            return _paths.TryGetValue(part, out path);
        }

        path = null;
        return false;
    }

    private ulong FilterBit(in HashPart part)
        => (part.First * 0x9e3779b97f4a7c15UL ^ BitOperations.RotateLeft(part.Second, 29) * 0xc2b2ae3d27d4eb4fUL) >> _shift;

    /// <summary>32 digits as numbers, to be compared at once.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct HashPart(ulong First, ulong Second, ulong Third, ulong Fourth);
}
