using System.Numerics;

namespace NixStore.Catalog.Graph;

/// <summary>
/// All hash parts in order, as files: the place of one is its number. Found by the top bits, which name a short stretch, and a search in it: two
/// or three cache misses.
/// </summary>
internal sealed class HashIndex : IDisposable
{
    private const string HighFile = "high.bin";
    private const string LowFile = "low.bin";
    private const string StretchFile = "stretches.bin";
    private const int StretchLength = 16;
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
        Write(Path.Combine(folder, HighFile), high);
        if (low is not null)
        {
            Write<ulong>(Path.Combine(folder, LowFile), low);
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

    /// <summary>The number of a hash part given as text, which may go on after it; -1 when it is not there or is none.</summary>
    internal int Find(ReadOnlySpan<byte> text)
    {
        var low = 0UL;
        return HashPrefix.TryReadHigh(text, out var high) && (_low is null || HashPrefix.TryReadLow(text, out low)) ? Find(high, low) : -1;
    }

    /// <summary>The number of a hash part; -1 when it is not there.</summary>
    internal int Find(ulong high, ulong low)
    {
        var stretch = (long)(high >> _shift);
        var (from, to) = (_stretches[stretch], _stretches[stretch + 1]);
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

        return from < Count && _high[from] == high && (_low is null || _low[from] == low) ? from : -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _high.Dispose();
        _low?.Dispose();
        _stretches.Dispose();
    }

    private bool IsBefore(int index, ulong high, ulong low)
        => _high[index] < high || (_low is not null && _high[index] == high && _low[index] < low);

    /// <summary>At least one, because a shift by 64 is one by 0.</summary>
    private static int StretchBits(int count) => Math.Max(1, BitOperations.Log2((uint)(count / StretchLength) + 1));

    private static void Write<T>(string path, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        using var array = MappedArray<T>.Create(path, items.Length);
        for (var at = 0; at < items.Length; at++)
        {
            array[at] = items[at];
        }

        array.Flush();
    }
}
