using System.Globalization;
using System.Management.Automation;
using NixStore.Engine.Backups;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Restore-StoreDatabase: puts a backup in the place of a store's database, fitted to what is in the store directory by now.</summary>
[Cmdlet(VerbsData.Restore, "StoreDatabase", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(StoreDatabaseRestore))]
public sealed class RestoreStoreDatabaseCommand : StoreCommand
{
    private volatile bool _isWaiting;

    /// <summary>The backup.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string? Path { get; set; }

    /// <summary>How long to wait until nobody has the store open: a time span, or seconds. Default: as long as it takes.</summary>
    [Parameter]
    [Timeout]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Restore even though most of the paths in the backup have no files any more. An empty store directory is refused all the same.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        var predicted = Run(stop => DatabaseRestorer.Predict(store, file, Force, stop));
        var action = string.Create(
            CultureInfo.InvariantCulture, $"Replace by the backup of {predicted.BackupCreated.LocalDateTime:yyyy-MM-dd HH:mm:ss} ({predicted})");
        if (ShouldProcess($"the database of {store.Url}", action))
        {
            Write(Restore(store, file));
        }
        else if (IsWhatIf)
        {
            Write(predicted);
        }
    }

    private StoreDatabaseRestore Restore(StoreLocation store, string file) => Run(stop => DatabaseRestorer.Restore(
        store, file, Force, Timeout ?? System.Threading.Timeout.InfiniteTimeSpan, () => _isWaiting = true, stop));

    private StoreDatabaseRestore Run(Func<CancellationToken, StoreDatabaseRestore> work)
    {
        StoreDatabaseRestore? result = null;
        using var progress = NewProgress("Restoring the database");
        progress.Follow(() => (_isWaiting ? "waiting until nobody has the store open" : "unpacking and comparing", 0, null));
        Pump<StoreDatabaseRestore>((emit, stop) => emit(work(stop)), restored => result = restored, progress);
        return result!;
    }

    private void Write(StoreDatabaseRestore restore)
    {
        foreach (var change in restore.Changes)
        {
            WriteVerbose(change.ToString());
        }

        WriteObject(restore);
    }
}
