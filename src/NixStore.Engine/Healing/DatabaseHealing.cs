namespace NixStore.Engine.Healing;

/// <summary>What healing a database would do or has done.</summary>
public sealed record DatabaseHealing
{
    /// <summary>What was wrong, as far as an examination could see.</summary>
    public required IReadOnlyList<StoreDatabaseFinding> Findings { get; init; }

    /// <summary>The steps in their order; none when nothing is to be done.</summary>
    public required IReadOnlyList<StoreRepairStep> Steps { get; init; }

    /// <summary>What is certain and what assumed of each row that was made from files.</summary>
    public required IReadOnlyList<StoreRowCertainty> Certainties { get; init; }

    /// <summary>Entries of the store directory that got no row.</summary>
    public required IReadOnlyList<StoreRowOmission> Omitted { get; init; }

    /// <summary>The directory with the database that was replaced; null when none was.</summary>
    public string? ReplacedDatabase { get; init; }
}
