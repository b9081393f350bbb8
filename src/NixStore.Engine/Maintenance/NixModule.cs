using System.Text;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Maintenance;

/// <summary>Tasks as a module of a NixOS configuration, where units are made from that and nobody else writes any.</summary>
public static class NixModule
{
    /// <summary>Makes the module.</summary>
    /// <param name="tasks">The tasks with their stores.</param>
    /// <exception cref="NixStoreException">MaintenanceInvalid, ScheduleInvalid, MaintenanceExists: two tasks have the same name.</exception>
    public static StoreMaintenanceModule Of(IReadOnlyList<(StoreMaintenance Task, StoreLocation Store)> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var text = new StringBuilder($$"""
            {{SealedText.Marker}}
            # Save it beside configuration.nix, and name it there: imports = [ ./nixstore-maintenance.nix ];
            { ... }:
            {

            """);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (task, store) in tasks)
        {
            MaintenanceRegistry.Require(task, store);
            if (!names.Add(task.Name))
            {
                throw new NixStoreException("MaintenanceExists", StoreErrorKind.InvalidArgument, $"Two of the tasks are called '{task.Name}'.", task.Name,
                    "Give each store's tasks another -Name.");
            }

            Append(text, task, store);
        }

        return new StoreMaintenanceModule
        {
            Maintenance = [.. tasks.Select(pair => pair.Task with { Command = MaintenanceCommand.Of(pair.Task) })], Text = text.Append("}\n").ToString(),
        };
    }

    private static void Append(StringBuilder text, StoreMaintenance task, StoreLocation store)
    {
        var service = MaintenanceUnits.ServiceOf(task, store);
        var unit = NixString.Quote(MaintenanceName.Prefix + task.Name);
        var description = NixString.Quote(MaintenanceUnits.DescriptionOf(task));
        text.Append($$"""
              systemd.services.{{unit}} = {
                description = {{description}};
                restartIfChanged = false;
                unitConfig = {
            {{Settings(service[0].Settings.Where(setting => setting.Key != "Description"))}}    };
                serviceConfig = {
            {{Settings(service[1].Settings)}}    };
              };
              systemd.timers.{{unit}} = {
                description = {{description}};
                wantedBy = [ "timers.target" ];
                timerConfig = {
            {{Settings(MaintenanceUnits.TimerSettings(task))}}    };
              };

            """);
    }

    private static string Settings(IEnumerable<(string Key, string Value)> settings)
        => string.Concat(settings.Select(setting => $"      {setting.Key} = {NixString.Value(setting.Value)};\n"));
}
