using NixStore.Engine.Stores;

namespace NixStore.Engine.Maintenance;

/// <summary>The files of a task, the one with its parameters first.</summary>
internal static class MaintenanceFiles
{
    /// <summary>Makes them.</summary>
    /// <exception cref="NixStoreException">MaintenanceInvalid, ScheduleInvalid</exception>
    internal static IReadOnlyList<MaintenanceFile> Of(StoreMaintenance task, StoreLocation store)
        => task.Format == StoreMaintenanceFormat.Cron
            ? [new MaintenanceFile(MaintenanceName.CronTableOf(task.Name), CronTable.Of(task))]
            :
            [
                new MaintenanceFile(MaintenanceName.ServiceOf(task.Name),
                    Seal([.. MaintenanceUnits.ServiceOf(task, store)], MaintenanceParameters.Write(task).Select(pair => SealedText.Line(pair.Name, pair.Value)))),
                new MaintenanceFile(MaintenanceName.TimerOf(task.Name), Seal([.. MaintenanceUnits.TimerOf(task)], [])),
            ];

    /// <summary>The names that a task of this name can have files by, in either format; the one with the parameters last, as it is removed last.</summary>
    internal static IEnumerable<string> NamesOf(string name, StoreMaintenanceFormat format)
        => format == StoreMaintenanceFormat.Cron ? [MaintenanceName.CronTableOf(name)] : [MaintenanceName.TimerOf(name), MaintenanceName.ServiceOf(name)];

    /// <summary>systemd passes over sections that begin with X- (systemd.unit(5)).</summary>
    private static string Seal(IEnumerable<UnitSection> sections, IEnumerable<string> parameters)
        => SealedText.Make(
            $"# Register it again with -Force to change it. Unregister-StoreMaintenance leaves alone what was changed by hand.\n"
            + $"{string.Join('\n', sections)}\n[X-NixStore]\n{string.Concat(parameters.Select(line => line + "\n"))}", "");
}
