using System.Runtime.InteropServices;

namespace NixStore.Engine.Archive;

/// <summary>
/// Finds which of a set of store paths are referred to by what streams through: their hash parts anywhere in the bytes
/// (Nix libstore/references.cc). A window of 32 bytes is looked at from its end; a byte that is no nix32 digit rules out all windows
/// it is in, so most bytes are never looked at.
/// </summary>
public sealed class ReferenceScanner : NarSink
{
    private const int Window = StorePath.HashPartLength;

    private static readonly bool[] s_isDigit = [.. Enumerable.Range(0, 256).Select(b => Nix32.DigitValue((byte)b) >= 0)];

    private readonly ReferenceTable _wanted;
    private readonly SortedSet<StorePath> _found = [];

    // The last bytes of the stream, which could be the beginning of an occurrence, and room for the next block's first ones.
    private readonly byte[] _border = new byte[2 * (Window - 1)];
    private int _borderLength;

    /// <summary>Looks for the hash parts of <paramref name="candidates"/>.</summary>
    public ReferenceScanner(IEnumerable<StorePath> candidates)
        : this(new ReferenceTable(candidates))
    {
    }

    /// <summary>Looks for the hash parts of a table that others may use as well.</summary>
    public ReferenceScanner(ReferenceTable wanted) => _wanted = wanted;

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

            if (_wanted.TryFind(bytes.Slice(start, Window), out var path))
            {
                _found.Add(path);
            }

            known = start + Window;
            start++;
        }
    }
}
