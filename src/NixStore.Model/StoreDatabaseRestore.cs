namespace NixStore;

/// <summary>What the restoring of a backup did to a store's database, or would do.</summary>
public sealed record StoreDatabaseRestore
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>The backup's file.</summary>
    public required string Backup { get; init; }

    /// <summary>The moment whose state the backup has.</summary>
    public required DateTimeOffset BackupCreated { get; init; }

    /// <summary>True when it was done; false for a prediction (-WhatIf).</summary>
    public required bool IsApplied { get; init; }

    /// <summary>Registered paths of the restored database.</summary>
    public required long Rows { get; init; }

    /// <summary>What differs from the database before, and what does not fit the store directory, path by path.</summary>
    public required IReadOnlyList<StoreDatabaseChange> Changes { get; init => field = Indexable.Of(value); }

    /// <summary>What kept the database before from being read as a whole; null when nothing did.</summary>
    public string? UnreadableReason { get; init; }

    /// <summary>The directory that has the database before, with what was in its log; null when there was none, and in a prediction.</summary>
    public string? ReplacedDatabase { get; init; }

    /// <summary>Paths that are registered again.</summary>
    public int ReturnedCount => Count(StoreDatabaseChangeKind.Returned);

    /// <summary>Paths that were registered since and stay so.</summary>
    public int TakenOverCount => Count(StoreDatabaseChangeKind.TakenOver);

    /// <summary>Rows of the backup that do not come back, as their files are gone.</summary>
    public int DroppedCount => Count(StoreDatabaseChangeKind.Dropped);

    /// <summary>Rows whose files are gone and which stay, as something needs them.</summary>
    public int MissingCount => Count(StoreDatabaseChangeKind.Missing);

    /// <summary>Rows that were registered since and are lost.</summary>
    public int LostCount => Count(StoreDatabaseChangeKind.Lost);

    /// <summary>Files without a row.</summary>
    public int UnregisteredCount => Count(StoreDatabaseChangeKind.Unregistered);

    /// <inheritdoc/>
    public override string ToString() => $"{Rows} rows: {ReturnedCount} returned, {TakenOverCount} taken over, {DroppedCount} dropped, "
        + $"{MissingCount} missing, {LostCount} lost; {UnregisteredCount} files without a row";

    private int Count(StoreDatabaseChangeKind kind) => Changes.Count(change => change.Kind == kind);
}
