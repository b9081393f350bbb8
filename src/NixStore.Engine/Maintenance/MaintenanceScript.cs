using System.Globalization;

namespace NixStore.Engine.Maintenance;

/// <summary>What PowerShell is given to do a task, where there is no <c>nixstore</c>: one JSON object a line, and 1 at the end when anything went wrong.</summary>
internal static class MaintenanceScript
{
    // Findings are no errors to PowerShell.
    private const string Remember = "if ($_.Severity -ne 'Information') { $found = $true }; ";

    internal static string Of(StoreMaintenance task) => $"Import-Module {Quote(task.Module!)} -ErrorAction Stop; & {{ {CommandsOf(task)} }} "
        + $"| ForEach-Object {{ {(task.Task == StoreMaintenanceTask.Verify ? Remember : "")}ConvertTo-Json -InputObject $_ -Compress -EnumsAsStrings -Depth 4 }}; "
        + "exit [int]($found -or $Error.Count -gt 0)";

    /// <summary>A string of PowerShell; it takes four other characters for a single quote as well.</summary>
    internal static string Quote(string text)
    {
        foreach (var quote in "'\u2018\u2019\u201a\u201b")
        {
            text = text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal);
        }

        return $"'{text}'";
    }

    private static string CommandsOf(StoreMaintenance task)
    {
        var store = $"-Store {Quote(task.Store)}";
        return task.Task switch
        {
            StoreMaintenanceTask.Verify => $"Test-NixStore {store}{Parameter("Budget", task.Budget)}{Parameter("MaxAge", task.MaxAge)}",
            StoreMaintenanceTask.Collect => RemoveGenerations(task, store) + Collect(task, store),
            StoreMaintenanceTask.Optimise => $"Optimize-NixStore {store} -Confirm:$false",
            StoreMaintenanceTask.Backup => $"Backup-StoreDatabase {store}{Parameter("Destination", task.Destination)}{Parameter("KeepLast", task.KeepLast)}"
                + $"{Parameter("KeepDaily", task.KeepDaily)}{Parameter("KeepWeekly", task.KeepWeekly)}{Parameter("KeepMonthly", task.KeepMonthly)} -Confirm:$false",
            _ => throw new ArgumentOutOfRangeException(nameof(task), task.Task, null),
        };
    }

    private static string RemoveGenerations(StoreMaintenance task, string store) => task.OlderThan is null && task.KeepGenerations is null ? ""
        : $"Remove-StoreGeneration {store}{Parameter("OlderThan", task.OlderThan)}{Parameter("KeepLast", task.KeepGenerations)} -PassThru -Confirm:$false; ";

    private static string Collect(StoreMaintenance task, string store)
    {
        var policy = Parameter("UnusedFor", task.UnusedFor) + Parameter("RegisteredBefore", task.RegisteredBefore)
            + Parameter("MaxFreed", task.MaxFreed) + Parameter("EnsureFree", task.EnsureFree);
        var plan = policy.Length == 0 ? "" : $"New-StoreGarbagePlan {store}{policy} | ";
        return $"{plan}Invoke-StoreGarbageCollection {store}{(task.Trash ? " -Trash" : "")} -Confirm:$false";
    }

    private static string Parameter(string name, object? value) => value switch
    {
        null => "",
        int or long => string.Create(CultureInfo.InvariantCulture, $" -{name} {value}"),
        TimeSpan duration => $" -{name} {Quote(StoreDuration.Format(duration))}",
        _ => $" -{name} {Quote(value.ToString()!)}",
    };
}
