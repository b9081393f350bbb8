using NixStore.Catalog.Prices;

namespace NixStore.Catalog.Querying;

/// <summary>What else is wanted of a measurement.</summary>
public sealed record MeasureOptions
{
    /// <summary>Prices; null = no costs.</summary>
    public PriceList? Prices { get; init; }

    /// <summary>The moment for which costs, roots that expire and ages are told.</summary>
    public DateTimeOffset Moment { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Gets the narinfos read when a graph has to be built, of twice as many in all; null = nobody wants to know.</summary>
    public Action<long>? GraphProgress { get; init; }
}
