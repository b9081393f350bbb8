using System.Management.Automation;
using NixStore.Engine.Backups;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreDatabaseBackup: the backups of a store's database, and whether they are good.</summary>
[Cmdlet(VerbsCommon.Get, "StoreDatabaseBackup")]
[OutputType(typeof(StoreDatabaseBackup))]
public sealed class GetStoreDatabaseBackupCommand : StoreCommand
{
    /// <summary>Backups, or directories with backups. Default: nixstore/backups in the store's state directory.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string[]? Path { get; set; }

    /// <summary>Read each backup as a whole, to see whether it still has what was put in.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var places = Path is null
            ? [DatabaseBackups.DirectoryOf(LocateStore())]
            : Array.ConvertAll(Path, path => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path));
        foreach (var place in places)
        {
            Try(() => List(place));
        }
    }

    private void List(string place)
    {
        if (!Directory.Exists(place) && Path is not null)
        {
            Write(DatabaseBackups.Read(place));
            return;
        }

        foreach (var backup in DatabaseBackups.List(place, damaged => WriteError(damaged)))
        {
            Try(() => Write(backup));
        }
    }

    private void Write(StoreDatabaseBackup backup)
    {
        if (!Verify)
        {
            WriteObject(backup);
            return;
        }

        using var progress = NewProgress("Reading backups");
        progress.Report(backup.Path);
        try
        {
            Pump<StoreDatabaseBackup>((emit, cancellation) => emit(DatabaseBackups.Verify(backup, cancellation)), WriteObject, progress);
        }
        catch (NixStoreException error)
        {
            WriteObject(backup with { Verified = false });
            WriteError(error, backup);
        }
    }
}
