namespace NixStore;

/// <summary>What runs scheduled tasks on a machine.</summary>
public enum StoreMaintenanceFormat
{
    /// <summary>A service and a timer of systemd.</summary>
    Systemd,
    /// <summary>A table of cron.</summary>
    Cron,
    /// <summary>A module of a NixOS configuration, which makes a service and a timer of it.</summary>
    NixOS,
}
