using System.Numerics;
using NixStore.Catalog.DuckDB;

namespace NixStore.Catalog.Graph;

/// <summary>
/// All hash parts in order, as files: the place of one is its number. Found by the top bits, which name a short stretch, and a search in it: two
/// or three cache misses.
/// </summary>
internal sealed class HashIndex : IDisposable
{
    /// <summary>Instead of the number of a hash part that is not there.</summary>
    internal const int Missing = -1;

    /// <summary>Instead of the number of what is no hash part.</summary>
    internal const int Malformed = -2;

    private const string HighFile = "high.bin";
    private const string LowFile = "low.bin";
    private const string StretchFile = "stretches.bin";
    private const int StretchLength = 16;
    private const int BlockLength = 64;
    private readonly MappedArray<ulong> _high;
    private readonly MappedArray<ulong>? _low;
    private readonly MappedArray<int> _stretches;
    private readonly int _shift;

    private HashIndex(string folder, int count, bool isWide)
    {
        var bits = StretchBits(count);
        _shift = 64 - bits;
        _high = MappedArray<ulong>.Open(Path.Combine(folder, HighFile), count);
        _low = isWide ? MappedArray<ulong>.Open(Path.Combine(folder, LowFile), count) : null;
        _stretches = MappedArray<int>.Open(Path.Combine(folder, StretchFile), (1L << bits) + 1);
    }

    /// <summary>Number of hash parts.</summary>
    internal int Count => (int)_high.Length;

    /// <summary>True when 64 bits did not tell all of them apart, so that 128 are compared.</summary>
    internal bool IsWide => _low is not null;

    /// <summary>Opens the files of a folder.</summary>
    /// <exception cref="NixStoreException">CatalogGraphDamaged</exception>
    internal static HashIndex Open(string folder, int count, bool isWide) => new(folder, count, isWide);

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="high">The first 64 bits, in order.</param>
    /// <param name="low">The 64 bits after those; null when the first ones tell all apart.</param>
    internal static void Write(string folder, ReadOnlySpan<ulong> high, ulong[]? low)
    {
        MappedArray<ulong>.Write(Path.Combine(folder, HighFile), high);
        if (low is not null)
        {
            MappedArray<ulong>.Write(Path.Combine(folder, LowFile), low);
        }

        var bits = StretchBits(high.Length);
        using var stretches = MappedArray<int>.Create(Path.Combine(folder, StretchFile), (1L << bits) + 1);
        var next = 0L;
        for (var at = 0; at < high.Length; at++)
        {
            for (var stretch = (long)(high[at] >> (64 - bits)); next <= stretch; next++)
            {
                stretches[next] = at;
            }
        }

        for (; next < stretches.Length; next++)
        {
            stretches[next] = high.Length;
        }

        stretches.Flush();
    }

    /// <summary>The number of a hash part given as text, which may go on after it; <see cref="Missing"/> or <see cref="Malformed"/> when it has none.</summary>
    internal int Find(ReadOnlySpan<byte> text) => TryRead(text, out var high, out var low) ? Find(high, low) : Malformed;

    /// <summary>The numbers of many hash parts. What is at their places is read for some dozens before it is looked at, so that the waits for memory are one.</summary>
    /// <param name="texts">As for one; where there is none, the number means nothing.</param>
    /// <param name="numbers">One for each.</param>
    internal void Find(DuckVector texts, Span<int> numbers)
    {
        Span<ulong> high = stackalloc ulong[BlockLength];
        Span<ulong> low = stackalloc ulong[BlockLength];
        for (var start = 0; start < numbers.Length; start += BlockLength)
        {
            var block = numbers.Slice(start, Math.Min(BlockLength, numbers.Length - start));
            for (var at = 0; at < block.Length; at++)
            {
                block[at] = !texts.IsNull(start + at) && TryRead(texts.BytesAt(start + at), out high[at], out low[at]) ? Missing : Malformed;
            }

            Find(high, low, block);
        }
    }

    /// <summary>The number of a hash part; <see cref="Missing"/> when it is not there.</summary>
    internal int Find(ulong high, ulong low)
    {
        var stretch = (long)(high >> _shift);
        return Find(high, low, _stretches[stretch], _stretches[stretch + 1]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _high.Dispose();
        _low?.Dispose();
        _stretches.Dispose();
    }

    private bool TryRead(ReadOnlySpan<byte> text, out ulong high, out ulong low)
    {
        low = 0;
        return HashPrefix.TryReadHigh(text, out high) && (_low is null || HashPrefix.TryReadLow(text, out low));
    }

    private void Find(ReadOnlySpan<ulong> high, ReadOnlySpan<ulong> low, Span<int> numbers)
    {
        Span<int> guesses = stackalloc int[BlockLength];
        for (var at = 0; at < numbers.Length; at++)
        {
            // Hashes lie evenly: one that is a third of the way through what a stretch may hold is about a third of the way through it.
            var stretch = (long)(high[at] >> _shift);
            var (from, to) = (_stretches[stretch], _stretches[stretch + 1]);
            guesses[at] = from + (int)(((high[at] << (64 - _shift)) >> 32) * (ulong)(to - from) >> 32);
        }

        Span<ulong> there = stackalloc ulong[BlockLength];
        for (var at = 0; at < numbers.Length; at++)
        {
            there[at] = guesses[at] < Count ? _high[guesses[at]] : ulong.MaxValue;
        }

        for (var at = 0; at < numbers.Length; at++)
        {
            if (numbers[at] != Malformed)
            {
                numbers[at] = there[at] == high[at] && _low is null ? guesses[at] : FindNear(guesses[at], high[at], low[at]);
            }
        }
    }

    /// <summary>Looks around a guess, at first near it: what is found elsewhere was named to be, and takes no longer than a search.</summary>
    private int FindNear(int guess, ulong high, ulong low)
    {
        var step = 1;
        var (from, to) = (guess, guess);
        if (guess < Count && IsBefore(guess, high, low))
        {
            while (to < Count && IsBefore(to, high, low))
            {
                (from, to) = (to + 1, to + step);
                step *= 2;
            }

            return Find(high, low, from, Math.Min(to, Count));
        }

        while (from > 0 && !IsBefore(from - 1, high, low))
        {
            (from, to) = (Math.Max(from - step, 0), from - 1);
            step *= 2;
        }

        return Find(high, low, from, to);
    }

    private int Find(ulong high, ulong low, int from, int to)
    {
        while (from < to)
        {
            var middle = (int)(((uint)from + (uint)to) >> 1);
            if (IsBefore(middle, high, low))
            {
                from = middle + 1;
            }
            else
            {
                to = middle;
            }
        }

        return from < Count && _high[from] == high && (_low is null || _low[from] == low) ? from : Missing;
    }

    private bool IsBefore(int index, ulong high, ulong low)
        => _high[index] < high || (_low is not null && _high[index] == high && _low[index] < low);

    /// <summary>At least one, because a shift by 64 is one by 0.</summary>
    private static int StretchBits(int count) => Math.Max(1, BitOperations.Log2((uint)(count / StretchLength) + 1));
}
