namespace NixStore.Catalog.Prices;

/// <summary>What a storage class costs.</summary>
public sealed record StoragePrice
{
    /// <summary>Bytes of a GiB, which bills call a GB.</summary>
    public const decimal GiB = 1 << 30;

    /// <summary>Storage by volume, the least first; the last one has no end.</summary>
    public required IReadOnlyList<VolumeTier> Storage { get; init; }

    /// <summary>Bytes for which a smaller object is billed.</summary>
    public long MinimumBytes { get; init; }

    /// <summary>Days for which an object is billed that is deleted sooner.</summary>
    public int MinimumDays { get; init; }

    /// <summary>A thousand requests that write: PUT, COPY, POST.</summary>
    public decimal PutPer1000 { get; init; }

    /// <summary>A thousand requests that read: GET.</summary>
    public decimal GetPer1000 { get; init; }

    /// <summary>Reading a GiB, beside the request.</summary>
    public decimal RetrievalPerGiB { get; init; }

    /// <summary>Watching a thousand objects for a month.</summary>
    public decimal MonitoringPer1000 { get; init; }

    /// <summary>Bytes below which an object is not watched.</summary>
    public long MonitoringMinimumBytes { get; init; }

    /// <summary>What a volume costs for a month: each part of it at the price of its tier.</summary>
    /// <param name="bytes">Bytes as billed.</param>
    public decimal StorageCost(long bytes)
    {
        var volume = bytes / GiB;
        var (cost, from) = (0m, 0m);
        foreach (var tier in Storage)
        {
            var until = tier.UpToGiB is { } end && end < volume ? end : volume;
            cost += (until - from) * tier.PerGiBMonth;
            if (until == volume)
            {
                break;
            }

            from = until;
        }

        return cost;
    }

    /// <summary>What a byte costs for a month when there are so many.</summary>
    /// <param name="bytes">Bytes as billed.</param>
    public decimal AverageOf(long bytes) => bytes > 0 ? StorageCost(bytes) / bytes : Storage[0].PerGiBMonth / GiB;
}
