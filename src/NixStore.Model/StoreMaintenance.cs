namespace NixStore;

/// <summary>A scheduled task that looks after a store.</summary>
public sealed record StoreMaintenance
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>What the task is called; its files are called <c>nixstore-</c> and this.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required StoreMaintenanceTask Task { get; init; }

    /// <summary>What runs it.</summary>
    public required StoreMaintenanceFormat Format { get; init; }

    /// <summary>When it runs: a calendar event of systemd, or for cron the five fields of its tables.</summary>
    public required string Schedule { get; init; }

    /// <summary>It begins later than that by a random time of at most this, other each time and on each machine.</summary>
    public TimeSpan RandomizedDelay { get; init; }

    /// <summary>The program that does it: <c>nixstore</c>, or PowerShell.</summary>
    public required string Executable { get; init; }

    /// <summary>The module's manifest, where PowerShell does it.</summary>
    public string? Module { get; init; }

    /// <summary>Who goes first at the disk.</summary>
    public StoreIOSchedulingClass IOSchedulingClass { get; init; }

    /// <summary>The share of the disk, from 0 (most) to 7; null in the idle class.</summary>
    public int? IOPriority { get; init; }

    /// <summary>Verify: for how long to read.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Verify: what was found intact within this time is not read again.</summary>
    public StoreAge? MaxAge { get; init; }

    /// <summary>Collect: generations that are older go first; null to remove none for their age.</summary>
    public StoreAge? OlderThan { get; init; }

    /// <summary>Collect: how many generations of each profile to keep; null to remove none for their number.</summary>
    public int? KeepGenerations { get; init; }

    /// <summary>Collect: only what was not read for so long.</summary>
    public StoreAge? UnusedFor { get; init; }

    /// <summary>Collect: only what was registered longer ago.</summary>
    public StoreAge? RegisteredBefore { get; init; }

    /// <summary>Collect: stop as soon as so many bytes are freed.</summary>
    public long? MaxFreed { get; init; }

    /// <summary>Collect: stop as soon as so many bytes of the file system are free.</summary>
    public long? EnsureFree { get; init; }

    /// <summary>Collect: put everything into the trash.</summary>
    public bool Trash { get; init; }

    /// <summary>Backup: the directory; null for the store's own.</summary>
    public string? Destination { get; init; }

    /// <summary>Backup: how many to keep.</summary>
    public int? KeepLast { get; init; }

    /// <summary>Backup: of how many days to keep the newest.</summary>
    public int? KeepDaily { get; init; }

    /// <summary>Backup: of how many weeks to keep the newest.</summary>
    public int? KeepWeekly { get; init; }

    /// <summary>Backup: of how many months to keep the newest.</summary>
    public int? KeepMonthly { get; init; }

    /// <summary>The program and its arguments, one by one.</summary>
    public IReadOnlyList<string> Command { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The directory that its files are in.</summary>
    public string? Directory { get; init; }

    /// <summary>Its files; empty as long as it is not registered.</summary>
    public IReadOnlyList<string> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when somebody has changed its files by hand.</summary>
    public bool IsChanged { get; init; }

    /// <summary>True when it runs by itself, from the next start of the machine on at the latest.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>When it runs next; null when nobody can tell.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>When it ran last; null when it never did, or nobody can tell.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>How that ended, as systemd says: <c>success</c>, <c>exit-code</c>, …; null when nobody can tell.</summary>
    public string? LastResult { get; init; }

    /// <summary>What the last run ended with (<c>nixstore --help</c> lists the numbers); null when nobody can tell.</summary>
    public int? LastExitCode { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
