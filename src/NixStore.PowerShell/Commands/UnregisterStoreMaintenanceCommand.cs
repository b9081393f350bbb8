using System.Management.Automation;
using NixStore.Engine.Maintenance;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Unregister-StoreMaintenance: stops, disables and removes scheduled tasks.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "StoreMaintenance", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterStoreMaintenanceCommand : MaintenanceCommand
{
    /// <summary>Which tasks.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(MaintenanceCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Remove tasks that were changed by hand as well.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var directories = FindDirectories().ToList();
        foreach (var name in Name)
        {
            Try(() => Remove(directories, name));
        }
    }

    private void Remove(List<string> directories, string name)
    {
        var found = directories.SelectMany(directory => Find(NewRegistry(directory), name).Select(task => (Directory: directory, task.Name, task.Format))).ToList();
        if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
        {
            throw new NixStoreException("MaintenanceNotFound", StoreErrorKind.NotFound, $"There is no scheduled task '{name}'.", name,
                "Get-StoreMaintenance lists them.");
        }

        foreach (var task in found)
        {
            Try(() => Remove(task.Directory, task.Name, task.Format));
        }
    }

    /// <summary>By a pattern, tasks that can be read; by a name, whatever has it, unless the store says which is meant.</summary>
    private IEnumerable<(string Name, StoreMaintenanceFormat Format)> Find(MaintenanceRegistry registry, string name)
        => WildcardPattern.ContainsWildcardCharacters(name) || Store is not null
            ? registry.List(damaged => WriteWarning(damaged.Message)).Where(task => Matches([name], task.Name) && IsOfStore(task))
                .Select(task => (task.Name, task.Format))
            : registry.FormatsOf(name).Select(format => (name, format));

    private void Remove(string directory, string name, StoreMaintenanceFormat format)
    {
        var registry = NewRegistry(directory);
        registry.RequireRemovable(name, format, Force);
        if (ShouldProcess($"{name} in {directory}", "Unregister the scheduled task"))
        {
            registry.Remove(name, format, Force);
        }
    }
}
