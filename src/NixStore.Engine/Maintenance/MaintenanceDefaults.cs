namespace NixStore.Engine.Maintenance;

/// <summary>What a task does when nothing else is said.</summary>
public static class MaintenanceDefaults
{
    /// <summary>The random delay: enough for a hundred machines not to begin together.</summary>
    public static readonly TimeSpan RandomizedDelay = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_budget = TimeSpan.FromHours(1);
    private static readonly StoreAge s_maxAge = StoreAge.Parse("30d");
    private const int LowestPriority = 7;

    /// <summary>When a task runs; systemd and cron both know the word.</summary>
    public static string ScheduleOf(StoreMaintenanceTask task)
        => task is StoreMaintenanceTask.Verify or StoreMaintenanceTask.Backup ? "daily" : "weekly";

    /// <summary>
    /// The class of a task. Only reading without a lock can wait for a disk that is never idle; the others hold locks that builds and other
    /// collections wait for.
    /// </summary>
    public static StoreIOSchedulingClass IOSchedulingClassOf(StoreMaintenanceTask task)
        => task == StoreMaintenanceTask.Verify ? StoreIOSchedulingClass.Idle : StoreIOSchedulingClass.BestEffort;

    /// <summary>The task with what its kind needs and nobody has said.</summary>
    public static StoreMaintenance Complete(StoreMaintenance task)
    {
        ArgumentNullException.ThrowIfNull(task);
        task = task.IOSchedulingClass == StoreIOSchedulingClass.BestEffort ? task with { IOPriority = task.IOPriority ?? LowestPriority } : task;
        return task.Task switch
        {
            StoreMaintenanceTask.Verify => task with { Budget = task.Budget ?? s_budget, MaxAge = task.MaxAge ?? s_maxAge },

            // Without any rule the backups of every night would fill the disk.
            StoreMaintenanceTask.Backup when (task.KeepLast ?? task.KeepDaily ?? task.KeepWeekly ?? task.KeepMonthly) is null
                => task with { KeepDaily = 7, KeepWeekly = 4 },
            _ => task,
        };
    }
}
