using System.Globalization;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Maintenance;

/// <summary>The service and the timer of a task, section by section.</summary>
internal static class MaintenanceUnits
{
    // Where ProtectSystem=full forbids changes (systemd.exec(5)).
    private static readonly string[] s_protected = ["/usr", "/boot", "/efi", "/etc"];

    internal static IReadOnlyList<UnitSection> ServiceOf(StoreMaintenance task, StoreLocation store) =>
    [
        new UnitSection("Unit",
        [
            ("Description", DescriptionOf(task)),
            ("RequiresMountsFor", string.Join(' ', PlacesOf(task, store).Select(SystemdWord.Quote))),
        ]),
        new UnitSection("Service",
        [
            ("Type", "oneshot"),
            ("ExecStart", SystemdWord.CommandLine(MaintenanceCommand.Of(task))),

            // The home of root: where Nix's own commands look for settings of nix.conf, when an administrator runs them.
            ("Environment", task.Module is null ? "HOME=%h" : "HOME=%h POWERSHELL_TELEMETRY_OPTOUT=1"),
            ("StandardOutput", "journal"),
            ("StandardError", "journal"),
            ("SyslogIdentifier", "nixstore"),
            ("Nice", "19"),
            ("CPUWeight", "20"),
            ("IOWeight", "20"),
            .. IOSettings(task),
            .. Hardening(task, store),
        ]),
    ];

    internal static IReadOnlyList<UnitSection> TimerOf(StoreMaintenance task) =>
    [
        new UnitSection("Unit", [("Description", DescriptionOf(task))]),
        new UnitSection("Timer", TimerSettings(task)),
        new UnitSection("Install", [("WantedBy", "timers.target")]),
    ];

    internal static IReadOnlyList<(string Key, string Value)> TimerSettings(StoreMaintenance task) =>
    [
        ("OnCalendar", SystemdWord.EscapeSpecifiers(task.Schedule.Trim())),
        ("RandomizedDelaySec", StoreDuration.Format(task.RandomizedDelay)),
        ("Persistent", "true"),
    ];

    /// <summary>For example <c>NixStore: verify the contents of local</c>.</summary>
    internal static string DescriptionOf(StoreMaintenance task)
    {
        var work = task.Task switch
        {
            StoreMaintenanceTask.Verify => "verify the contents",
            StoreMaintenanceTask.Collect => "collect the garbage",
            StoreMaintenanceTask.Optimise => "link the equal files",
            StoreMaintenanceTask.Backup => "back up the database",
            _ => throw new ArgumentOutOfRangeException(nameof(task), task.Task, null),
        };
        return SystemdWord.EscapeSpecifiers($"NixStore: {work} of {task.Store}");
    }

    private static IEnumerable<string> PlacesOf(StoreMaintenance task, StoreLocation store)
        => ((string?[])[store.RealDirectory, store.StateDirectory, task.Destination]).OfType<string>();

    private static IEnumerable<(string Key, string Value)> IOSettings(StoreMaintenance task)
    {
        yield return ("IOSchedulingClass", task.IOSchedulingClass == StoreIOSchedulingClass.Idle ? "idle" : "best-effort");
        if (task.IOPriority is { } priority)
        {
            yield return ("IOSchedulingPriority", priority.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// What nothing of this product needs. What would hide something that keeps paths alive is not among it: roots are in homes, in temporary
    /// directories and in processes (PrivateTmp, ProtectHome, ProtectProc, PrivatePIDs), and a collection takes what it cannot see for gone.
    /// Neither is what would make the store a mount of its own (ReadWritePaths), out of which nothing can be renamed into the trash, nor what
    /// forbids to make the store writable where it is mounted read-only (RestrictNamespaces, CapabilityBoundingSet).
    /// </summary>
    private static IEnumerable<(string Key, string Value)> Hardening(StoreMaintenance task, StoreLocation store)
    {
        if (!PlacesOf(task, store).Any(place => s_protected.Any(directory => place == directory || place.StartsWith(directory + "/", StringComparison.Ordinal))))
        {
            yield return ("ProtectSystem", "full");
        }

        foreach (var name in (string[])["ProtectClock", "ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
            "LockPersonality", "NoNewPrivileges", "RestrictRealtime", "RestrictSUIDSGID"])
        {
            yield return (name, "true");
        }

        yield return ("RestrictAddressFamilies", "AF_UNIX");
        yield return ("SystemCallArchitectures", "native");
    }
}
