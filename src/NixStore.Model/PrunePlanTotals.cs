namespace NixStore;

/// <summary>What a plan amounts to.</summary>
public sealed record PrunePlanTotals
{
    /// <summary>Paths that go.</summary>
    public long Paths { get; init; }

    /// <summary>Objects that are deleted, by kind.</summary>
    public IReadOnlyDictionary<string, long> Objects { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Their bytes by kind, as far as they are known.</summary>
    public IReadOnlyDictionary<string, long> Bytes { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Objects that no inventory knows: they are deleted by name.</summary>
    public long UnknownObjects { get; init; }

    /// <summary>References that paths which stay lose.</summary>
    public long DanglingReferences { get; init; }

    /// <summary>What storing the objects costs a month; null without a price list.</summary>
    public decimal? MonthlyCost { get; init; }

    /// <summary>What is billed all the same when they are deleted now; null without a price list.</summary>
    public decimal? EarlyDeletionCost { get; init; }

    /// <summary>Currency of the costs; null without a price list.</summary>
    public string? Currency { get; init; }

    /// <summary>Of which day the prices are; null without a price list.</summary>
    public DateOnly? PricesOf { get; init; }
}
