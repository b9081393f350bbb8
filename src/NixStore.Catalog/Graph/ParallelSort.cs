namespace NixStore.Catalog.Graph;

/// <summary>Sorts numbers by several threads.</summary>
internal static class ParallelSort
{
    private const int SmallLength = 1 << 16;
    private const int BucketBits = 8;

    /// <summary>Sorts in place; takes as much memory again while it works, unless they are in order already.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal static void Sort(ulong[] items, int threads, CancellationToken cancellation)
    {
        if (IsSorted(items))
        {
            return;
        }

        if (items.Length < SmallLength || threads < 2)
        {
            Array.Sort(items);
            return;
        }

        // Hashes fall evenly into buckets by their top bits; each bucket is sorted by itself.
        var ends = new int[1 << BucketBits];
        foreach (var item in items)
        {
            ends[item >> (64 - BucketBits)]++;
        }

        for (var bucket = 1; bucket < ends.Length; bucket++)
        {
            ends[bucket] += ends[bucket - 1];
        }

        var scattered = new ulong[items.Length];
        var next = new int[ends.Length];
        ends.AsSpan(0, ends.Length - 1).CopyTo(next.AsSpan(1));
        foreach (var item in items)
        {
            scattered[next[item >> (64 - BucketBits)]++] = item;
        }

        Parallel.For(0, ends.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, bucket =>
        {
            var start = bucket == 0 ? 0 : ends[bucket - 1];
            Array.Sort(scattered, start, ends[bucket] - start);
        });
        scattered.CopyTo(items, 0);
    }

    private static bool IsSorted(ReadOnlySpan<ulong> items)
    {
        for (var at = 1; at < items.Length; at++)
        {
            if (items[at - 1] > items[at])
            {
                return false;
            }
        }

        return true;
    }
}
