using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using NixStore.Engine.Maintenance;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes the names of scheduled tasks that are registered, in the directory that <c>-Directory</c> names or on this machine. Never throws.</summary>
public sealed class MaintenanceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var word = (wordToComplete ?? "").Trim('\'', '"');
            return [.. Find(fakeBoundParameters?["Directory"] as string).Where(task => task.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Select(task => new CompletionResult(task.Name, task.Name, CompletionResultType.ParameterValue, $"{task.Task} of {task.Store}, {task.Schedule}"))];
        }
        catch (Exception)
        {
            // No permission, no directory: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }

    private static IEnumerable<StoreMaintenance> Find(string? directory)
    {
        IEnumerable<string> directories = directory is null
            ? [MaintenanceMachine.DirectoryOf(StoreMaintenanceFormat.Systemd), MaintenanceMachine.DirectoryOf(StoreMaintenanceFormat.Cron)]
            : [System.IO.Path.IsPathRooted(directory) ? directory
                : Runspace.DefaultRunspace?.SessionStateProxy.Path.GetUnresolvedProviderPathFromPSPath(directory) ?? directory];

        // Without systemd: what it knows of them is not shown, and takes time.
        return directories.SelectMany(place => new MaintenanceRegistry(place, null).List(_ => { }));
    }
}
