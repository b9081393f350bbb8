using System.Globalization;

namespace NixStore.Engine.Maintenance;

/// <summary>The table of a task for <c>/etc/cron.d</c> (crontab(5)).</summary>
internal static class CronTable
{
    // MAX_COMMAND of the crons that descend from Vixie's: a longer command is refused together with the whole table.
    private const int MaximumCommand = 999;

    /// <summary>Makes it.</summary>
    /// <exception cref="NixStoreException">ScheduleInvalid; MaintenanceInvalid: what cron cannot carry.</exception>
    internal static string Of(StoreMaintenance task)
    {
        var parameters = string.Concat(MaintenanceParameters.Write(task).Select(pair => $"# {SealedText.Line(pair.Name, pair.Value)}\n"));
        return SealedText.Make(
            $"""
            # Register it again with -Force to change it. Unregister-StoreMaintenance leaves alone what was changed by hand.
            {parameters}SHELL=/bin/sh
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            {MaintenanceSchedule.ToCron(task.Schedule)} root {CommandOf(task)}

            """, "# ");
    }

    private static string CommandOf(StoreMaintenance task)
    {
        var words = MaintenanceCommand.Of(task);
        if (words.FirstOrDefault(word => word.Contains('\\')) is { } word)
        {
            throw new NixStoreException("MaintenanceInvalid", StoreErrorKind.InvalidArgument,
                $"'{word}' has a backslash, of which the crons make different things.", word, "Give a path without one, such as a symbolic link to it.");
        }

        var end = $"echo {ShellWord.Quote($"{{\"maintenance\":\"{task.Name}\",\"task\":\"{task.Task}\",\"exitCode\":")}$?'}}'";
        var run = $"{{ nice -n 19 ionice {IOOptions(task)} {string.Join(' ', words.Select(ShellWord.Quote))}; {end}; }} 2>&1 | logger -t nixstore --size 16KiB";
        var command = $"{Wait(task.RandomizedDelay)}{run}".Replace("%", "\\%", StringComparison.Ordinal);
        return command.Length <= MaximumCommand ? command : throw new NixStoreException("MaintenanceInvalid", StoreErrorKind.InvalidArgument,
            $"The command of the task '{task.Name}' has {command.Length} characters; cron takes no more than {MaximumCommand}.", task.Name,
            "Give shorter paths, such as a symbolic link to the executable.");
    }

    // Random numbers that count from the clock would be the same on every machine whose clock is right.
    private static string Wait(TimeSpan delay) => delay < TimeSpan.FromSeconds(1) ? ""
        : string.Create(CultureInfo.InvariantCulture, $"sleep \"$(shuf -n 1 -i 0-{(long)delay.TotalSeconds})\"; ");

    private static string IOOptions(StoreMaintenance task)
        => task.IOSchedulingClass == StoreIOSchedulingClass.Idle ? "-c 3" : string.Create(CultureInfo.InvariantCulture, $"-c 2 -n {task.IOPriority}");
}
