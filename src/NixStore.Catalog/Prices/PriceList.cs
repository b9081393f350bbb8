namespace NixStore.Catalog.Prices;

/// <summary>What storage and requests cost.</summary>
public sealed record PriceList
{
    /// <summary>The class that objects are in of which nobody says another one.</summary>
    public const string StandardClass = "STANDARD";

    /// <summary>The class whose objects are in tiers of their own; the price of one of these is that of <c>INTELLIGENT_TIERING/INFREQUENT</c> and so on.</summary>
    public const string TieringClass = "INTELLIGENT_TIERING";

    /// <summary>Whose prices these are.</summary>
    public required string Name { get; init; }

    /// <summary>The day of which they are.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Where they were published; null when the list does not say.</summary>
    public string? Source { get; init; }

    /// <summary>Their currency, three letters as of ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>A thousand requests that list.</summary>
    public decimal ListPer1000 { get; init; }

    /// <summary>A thousand objects deleted.</summary>
    public decimal DeletePer1000 { get; init; }

    /// <summary>Prices by storage class, named as in S3 Inventory.</summary>
    public required IReadOnlyDictionary<string, StoragePrice> StorageClasses { get; init; }

    /// <summary>Prices of <see cref="StandardClass"/>.</summary>
    public StoragePrice Standard => StorageClasses[StandardClass];

    /// <inheritdoc/>
    public override string ToString() => $"{Name}, {Date:yyyy-MM-dd}";
}
