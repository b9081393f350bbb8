namespace NixStore.Engine.Maintenance;

/// <summary>What runs scheduled tasks on this machine, and where it looks for them.</summary>
public static class MaintenanceMachine
{
    private const string UnitDirectory = "/etc/systemd/system";
    private const string CronDirectory = "/etc/cron.d";

    /// <summary>True while systemd runs the machine (sd_booted(3)).</summary>
    public static bool IsSystemdRunning => Directory.Exists("/run/systemd/system");

    /// <summary>The format that fits the machine.</summary>
    public static StoreMaintenanceFormat Detect() => Detect("");

    /// <summary>The directory for a format's files.</summary>
    public static string DirectoryOf(StoreMaintenanceFormat format) => format == StoreMaintenanceFormat.Cron ? CronDirectory : UnitDirectory;

    /// <summary>As the other overload, of a machine whose file system is below a root; with what runs on this machine left out of account.</summary>
    internal static StoreMaintenanceFormat Detect(string root)
    {
        // NixOS puts a link into its store there, and throws away what anybody writes beside it.
        if (File.Exists($"{root}/etc/NIXOS") || new DirectoryInfo(root + UnitDirectory).LinkTarget is not null)
        {
            return StoreMaintenanceFormat.NixOS;
        }

        return Directory.Exists($"{root}/run/systemd/system") || !Directory.Exists(root + CronDirectory) ? StoreMaintenanceFormat.Systemd : StoreMaintenanceFormat.Cron;
    }
}
