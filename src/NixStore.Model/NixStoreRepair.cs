namespace NixStore;

/// <summary>What the repair of a whole store has found and done.</summary>
public sealed record NixStoreRepair
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>True when changes were made; false for a plan.</summary>
    public required bool IsApplied { get; init; }

    /// <summary>True when nothing that matters is left.</summary>
    public bool IsHealthy => Remaining.All(finding => finding.Severity == StoreFindingSeverity.Information);

    /// <summary>What was wrong.</summary>
    public required IReadOnlyList<StoreFinding> Findings { get; init => field = Indexable.Of(value); }

    /// <summary>What was done, or is planned, in order.</summary>
    public required IReadOnlyList<StoreRepairStep> Steps { get; init => field = Indexable.Of(value); }

    /// <summary>What is left, each with its remedy; of a plan, what it will not mend.</summary>
    public required IReadOnlyList<StoreFinding> Remaining { get; init => field = Indexable.Of(value); }

    /// <summary>The backup of the database that was made first; null when none was.</summary>
    public string? Backup { get; init; }

    /// <summary>The directory with the database that was replaced; null when none was.</summary>
    public string? ReplacedDatabase { get; init; }

    /// <summary>How many paths were set aside, and can be restored from the trash.</summary>
    public int PathsSetAside { get; init; }

    /// <summary>How many paths were repaired.</summary>
    public int PathsRepaired { get; init; }

    /// <summary>Bytes written into the store.</summary>
    public long BytesWritten { get; init; }
}
