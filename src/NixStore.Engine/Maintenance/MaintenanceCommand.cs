using System.Globalization;

namespace NixStore.Engine.Maintenance;

/// <summary>The command line of a task: the program and its arguments, one by one, not yet escaped for anybody.</summary>
internal static class MaintenanceCommand
{
    internal static IReadOnlyList<string> Of(StoreMaintenance task) => task.Module is null
        ? [task.Executable, .. ArgumentsOf(task)]
        : [task.Executable, "-NoProfile", "-NonInteractive", "-Command", MaintenanceScript.Of(task)];

    /// <summary>What <c>nixstore</c> is given.</summary>
    private static IEnumerable<string> ArgumentsOf(StoreMaintenance task)
    {
        IEnumerable<string> particular = task.Task switch
        {
            StoreMaintenanceTask.Verify => ["verify", "--invalid", .. Option("--budget", task.Budget), .. Option("--max-age", task.MaxAge)],
            StoreMaintenanceTask.Collect =>
            [
                "gc", .. Option("--delete-older-than", task.OlderThan), .. Option("--keep-generations", task.KeepGenerations),
                .. Option("--unused-for", task.UnusedFor), .. Option("--registered-before", task.RegisteredBefore),
                .. Option("--max-freed", task.MaxFreed), .. Option("--ensure-free", task.EnsureFree), .. task.Trash ? (string[])["--trash"] : [],
            ],
            StoreMaintenanceTask.Optimise => ["optimise"],
            StoreMaintenanceTask.Backup =>
            [
                "backup", .. Option("--destination", task.Destination), .. Option("--keep-last", task.KeepLast),
                .. Option("--keep-daily", task.KeepDaily), .. Option("--keep-weekly", task.KeepWeekly), .. Option("--keep-monthly", task.KeepMonthly),
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(task), task.Task, null),
        };
        return [.. particular, "--store", task.Store, "--json"];
    }

    private static string[] Option(string name, object? value) => value switch
    {
        null => [],
        TimeSpan duration => [name, StoreDuration.Format(duration)],
        _ => [name, Convert.ToString(value, CultureInfo.InvariantCulture)!],
    };
}
