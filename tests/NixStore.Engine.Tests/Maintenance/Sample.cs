using NixStore.Engine.Maintenance;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Maintenance;

/// <summary>Tasks to write down.</summary>
internal static class Sample
{
    /// <summary>Names that each mean something to systemd, to a shell, to cron, to PowerShell or to Nix.</summary>
    internal static readonly string[] WeirdNames =
    [
        "plain", "two words", "per%cent %n %%", "do$llar $HOME ${HOME} $$", "\"double\" 'single'", "semi ; colon;", "-dash", "@at", "tilde~", "#hash",
        "''${nix}''", "$(id)`id`", "umlaut-äöü-日本", "\u2018curly\u2019", "a&b|c>d", "star*?[x]", "=equals=", "!bang", "end ",
    ];

    internal static readonly StoreLocation Store = StoreLocator.Locate("local?root=/somewhere");

    internal static StoreMaintenance Task(StoreMaintenanceTask task, StoreMaintenanceFormat format = StoreMaintenanceFormat.Systemd)
        => MaintenanceDefaults.Complete(new StoreMaintenance
        {
            Store = Store.Url,
            Name = MaintenanceName.Of(task),
            Task = task,
            Format = format,
            Schedule = MaintenanceDefaults.ScheduleOf(task),
            RandomizedDelay = MaintenanceDefaults.RandomizedDelay,
            Executable = "/opt/nixstore/nixstore",
            IOSchedulingClass = MaintenanceDefaults.IOSchedulingClassOf(task),
        });

    /// <summary>With everything that can be said of it.</summary>
    internal static StoreMaintenance Full(StoreMaintenanceTask task, StoreMaintenanceFormat format) => Task(task, format) with
    {
        Module = "/opt/module/NixStore.psd1",
        Budget = TimeSpan.FromMinutes(90),
        MaxAge = StoreAge.Parse("6mo"),
        OlderThan = StoreAge.Parse("2026-01-31 10:00"),
        KeepGenerations = 5,
        UnusedFor = StoreAge.Parse("2w"),
        RegisteredBefore = StoreAge.Parse("3d"),
        MaxFreed = 1L << 40,
        EnsureFree = 5_000_000_000,
        Trash = true,
        Destination = "/mnt/a \"b\" \\c $d %e 'f' ",
        KeepLast = 1,
        KeepDaily = 2,
        KeepWeekly = 3,
        KeepMonthly = 4,
        IOSchedulingClass = StoreIOSchedulingClass.BestEffort,
        IOPriority = 3,
        RandomizedDelay = TimeSpan.FromSeconds(90),
    };

    internal static string Service(StoreMaintenance task, StoreLocation? store = null) => MaintenanceFiles.Of(task, store ?? Store)[0].Text;

    internal static string Timer(StoreMaintenance task) => MaintenanceFiles.Of(task, Store)[1].Text;
}
