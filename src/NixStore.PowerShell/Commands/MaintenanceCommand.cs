using System.Management.Automation;
using NixStore.Engine.Maintenance;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of cmdlets that work on scheduled tasks that are registered.</summary>
public abstract class MaintenanceCommand : StoreCommand
{
    /// <summary>A directory with scheduled tasks. Default: those of systemd and of cron on this machine.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Directory { get; set; }

    /// <summary>The tasks in a directory are this machine's own as long as none is named; only then its systemd is asked, and told.</summary>
    private protected static MaintenanceRegistry NewRegistry(string directory)
        => new(directory, directory == MaintenanceMachine.DirectoryOf(StoreMaintenanceFormat.Systemd) ? ServiceManager.Find() : null);

    /// <summary>The directories that are meant.</summary>
    private protected IEnumerable<string> FindDirectories() => Directory is null
        ? [MaintenanceMachine.DirectoryOf(StoreMaintenanceFormat.Systemd), MaintenanceMachine.DirectoryOf(StoreMaintenanceFormat.Cron)]
        : [ToDirectory(Directory)];

    /// <summary>A directory counted from PowerShell's location, without a slash at its end.</summary>
    private protected string ToDirectory(string directory)
        => System.IO.Path.TrimEndingDirectorySeparator(SessionState.Path.GetUnresolvedProviderPathFromPSPath(directory));

    /// <summary>True for tasks of the store that <see cref="StoreCommand.Store"/> names; for all when it names none.</summary>
    private protected bool IsOfStore(StoreMaintenance task) => Store is null || task.Store == LocateStore().Url;

    /// <summary>True for a name that one of the patterns matches; for all without patterns.</summary>
    private protected static bool Matches(string[]? patterns, string name)
        => patterns is null || patterns.Any(pattern => new WildcardPattern(pattern).IsMatch(name));
}
