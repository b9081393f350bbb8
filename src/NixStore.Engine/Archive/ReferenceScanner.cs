using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace NixStore.Engine.Archive;

/// <summary>
/// Finds which of a set of store paths are referred to by what streams through: their hash parts anywhere in the bytes
/// (Nix libstore/references.cc). A window of 32 bytes is looked at from its end; a byte that is no nix32 digit rules out all windows
/// it is in, so most bytes are never looked at.
/// </summary>
public sealed class ReferenceScanner : NarSink
{
    private const int Window = StorePath.HashPartLength;
    private const int FilterBits = 1 << 16;

    private static readonly bool[] s_isDigit = [.. Enumerable.Range(0, 256).Select(b => Nix32.DigitValue((byte)b) >= 0)];

    private readonly Dictionary<HashPart, StorePath> _wanted = [];
    private readonly SortedSet<StorePath> _found = [];

    // Which windows can be wanted at all, by a hash of their first half: text that is all digits would otherwise look each one up.
    private readonly ulong[] _filter = new ulong[FilterBits / 64];

    // The last bytes of the stream, which could be the beginning of an occurrence, and room for the next block's first ones.
    private readonly byte[] _border = new byte[2 * (Window - 1)];
    private int _borderLength;

    /// <summary>Looks for the hash parts of <paramref name="candidates"/>.</summary>
    public ReferenceScanner(IEnumerable<StorePath> candidates)
    {
        foreach (var candidate in candidates)
        {
            var part = MemoryMarshal.Read<HashPart>(Encoding.ASCII.GetBytes(candidate.HashPart));
            _wanted[part] = candidate;
            var bit = FilterBit(part);
            _filter[bit / 64] |= 1UL << (bit % 64);
        }
    }

    /// <summary>What was found so far, sorted. <see cref="NarSink.Flush"/> first.</summary>
    public IReadOnlyCollection<StorePath> Found => _found;

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        _found.Clear();
        _borderLength = 0;
    }

    /// <inheritdoc/>
    protected override void Consume(ReadOnlySpan<byte> bytes)
    {
        if (_found.Count == _wanted.Count)
        {
            return;
        }

        const int kept = Window - 1;
        var joined = Math.Min(kept, bytes.Length);
        bytes[..joined].CopyTo(_border.AsSpan(_borderLength));
        var border = _border.AsSpan(0, _borderLength + joined);
        Search(border);
        if (bytes.Length < kept)
        {
            var last = border[Math.Max(border.Length - kept, 0)..];
            last.CopyTo(_border);
            _borderLength = last.Length;
            return;
        }

        Search(bytes);
        bytes[^kept..].CopyTo(_border);
        _borderLength = kept;
    }

    private void Search(ReadOnlySpan<byte> bytes)
    {
        ref var isDigit = ref MemoryMarshal.GetArrayDataReference(s_isDigit);
        var start = 0;

        // Everything in [start, known) is known to be digits.
        var known = 0;
        while (start + Window <= bytes.Length)
        {
            var position = start + Window - 1;
            while (position >= known && System.Runtime.CompilerServices.Unsafe.Add(ref isDigit, bytes[position]))
            {
                position--;
            }

            if (position >= known)
            {
                start = known = position + 1;
                continue;
            }

            Look(bytes.Slice(start, Window));
            known = start + Window;
            start++;
        }
    }

    private void Look(ReadOnlySpan<byte> window)
    {
        var part = MemoryMarshal.Read<HashPart>(window);
        var bit = FilterBit(part);
        if ((_filter[bit / 64] & (1UL << (bit % 64))) != 0 && _wanted.TryGetValue(part, out var path))
        {
            _found.Add(path);
        }
    }

    private static int FilterBit(in HashPart part)
        => (int)((part.First * 0x9e3779b97f4a7c15UL ^ BitOperations.RotateLeft(part.Second, 29) * 0xc2b2ae3d27d4eb4fUL) >> 48);

    /// <summary>32 digits as numbers, to be compared at once.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct HashPart(ulong First, ulong Second, ulong Third, ulong Fourth);
}
