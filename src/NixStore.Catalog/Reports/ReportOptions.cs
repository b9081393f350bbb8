using NixStore.Catalog.Prices;

namespace NixStore.Catalog.Reports;

/// <summary>What is to be in a report.</summary>
public sealed record ReportOptions
{
    /// <summary>The heading; null = one that names the cache.</summary>
    public string? Title { get; init; }

    /// <summary>Length of the lists of names and paths.</summary>
    public int Top { get; init; } = 50;

    /// <summary>Prices; null = no costs.</summary>
    public PriceList? Prices { get; init; }

    /// <summary>A plan to prune the cache, made of the catalog as it is, whose effect is shown; null = none.</summary>
    public BinaryCachePrunePlan? Plan { get; init; }

    /// <summary>The moment that the report gives as the one it was made at.</summary>
    public DateTimeOffset Made { get; init; } = DateTimeOffset.UtcNow;
}
