using System.Management.Automation;
using NixStore.Engine.Backups;
using NixStore.Engine.Generations;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>Backup-StoreDatabase: backs up the database of a store beside a running Nix, and removes old backups by rules.</summary>
[Cmdlet(VerbsData.Backup, "StoreDatabase", SupportsShouldProcess = true)]
[OutputType(typeof(StoreDatabaseBackup))]
public sealed class BackupStoreDatabaseCommand : StoreCommand
{
    /// <summary>The directory for the backup, and that of earlier ones. Default: nixstore/backups in the store's state directory.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Keep so many backups, the new one included.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepLast { get; set; }

    /// <summary>Keep the newest of each of the last so many days that have one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepDaily { get; set; }

    /// <summary>Keep the newest of each of the last so many weeks that have one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepWeekly { get; set; }

    /// <summary>Keep the newest of each of the last so many months that have one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepMonthly { get; set; }

    /// <summary>Back up a damaged database as well, as it is. Such a backup is never restored, and never removed by rules.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private RetentionRules Rules => new() { KeepLast = KeepLast, KeepDaily = KeepDaily, KeepWeekly = KeepWeekly, KeepMonthly = KeepMonthly };

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var directory = Destination is null
            ? DatabaseBackups.DirectoryOf(store) : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Destination);
        var others = DatabaseBackups.List(directory, damaged => WriteWarning(damaged.Message)).ToList();
        if (ShouldProcess($"the database of {store.Url}", $"Back up to {directory}"))
        {
            var made = Make(store, directory);
            WriteObject(made);
            Rotate(store, made, others);
        }
        else if (IsWhatIf)
        {
            Rotate(store, Imagine(store, directory), others);
        }
    }

    private StoreDatabaseBackup Make(StoreLocation store, string directory)
    {
        StoreDatabaseBackup? made = null;
        using var progress = NewProgress("Backing up the database");
        Pump<StoreDatabaseBackup>(
            (emit, cancellation) => emit(DatabaseBackups.Make(store, directory, Force, cancellation)), backup => made = backup, progress);
        return made!;
    }

    private void Rotate(StoreLocation store, StoreDatabaseBackup made, IReadOnlyList<StoreDatabaseBackup> others)
    {
        foreach (var backup in BackupRotation.Choose(store, made, others, Rules))
        {
            if (ShouldProcess(backup.Path, "Remove the old backup"))
            {
                Try(() => BackupRotation.Remove(backup));
            }
        }
    }

    /// <summary>The backup that would be made, as far as rules are concerned.</summary>
    private static StoreDatabaseBackup Imagine(StoreLocation store, string directory) => new()
    {
        Store = store.Url,
        Path = directory,
        Id = "",
        Created = DateTimeOffset.UtcNow,
        Host = Environment.MachineName,
        StoreDirectory = store.Directory.Path,
        Rows = 0,
        Size = 0,
        DatabaseSize = 0,
        Digest = "",
    };
}
