using System.Management.Automation;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreMaintenance: the scheduled tasks that are registered, when they run, and how they ended.</summary>
[Cmdlet(VerbsCommon.Get, "StoreMaintenance")]
[OutputType(typeof(StoreMaintenance))]
public sealed class GetStoreMaintenanceCommand : MaintenanceCommand
{
    /// <summary>Which tasks. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MaintenanceCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var tasks = new List<StoreMaintenance>();
        foreach (var directory in FindDirectories())
        {
            Try(() => tasks.AddRange(NewRegistry(directory).List(damaged => WriteError(damaged)).Where(IsOfStore)));
        }

        WriteObject(tasks.Where(task => Matches(Name, task.Name)), enumerateCollection: true);
        foreach (var name in (Name ?? []).Where(name => !WildcardPattern.ContainsWildcardCharacters(name) && !tasks.Exists(task => Matches([name], task.Name))))
        {
            WriteError(new NixStoreException("MaintenanceNotFound", StoreErrorKind.NotFound, $"There is no scheduled task '{name}'.", name,
                "Get-StoreMaintenance lists them; Register-StoreMaintenance makes one."));
        }
    }
}
