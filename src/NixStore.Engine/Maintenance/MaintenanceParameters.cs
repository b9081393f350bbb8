using System.Globalization;

namespace NixStore.Engine.Maintenance;

/// <summary>The parameters of a task as names and texts, from which the same task comes back.</summary>
internal static class MaintenanceParameters
{
    /// <summary>Writes those that are not null.</summary>
    internal static IEnumerable<(string Name, string Value)> Write(StoreMaintenance task)
    {
        (string Name, string? Value)[] all =
        [
            (nameof(task.Task), task.Task.ToString()),
            (nameof(task.Store), task.Store),
            (nameof(task.Schedule), task.Schedule),
            (nameof(task.RandomizedDelay), StoreDuration.Format(task.RandomizedDelay)),
            (nameof(task.Executable), task.Executable),
            (nameof(task.Module), task.Module),
            (nameof(task.IOSchedulingClass), task.IOSchedulingClass.ToString()),
            (nameof(task.IOPriority), Text(task.IOPriority)),
            (nameof(task.Budget), Text(task.Budget)),
            (nameof(task.MaxAge), task.MaxAge?.ToString()),
            (nameof(task.OlderThan), task.OlderThan?.ToString()),
            (nameof(task.KeepGenerations), Text(task.KeepGenerations)),
            (nameof(task.UnusedFor), task.UnusedFor?.ToString()),
            (nameof(task.RegisteredBefore), task.RegisteredBefore?.ToString()),
            (nameof(task.MaxFreed), Text(task.MaxFreed)),
            (nameof(task.EnsureFree), Text(task.EnsureFree)),
            (nameof(task.Trash), task.Trash ? "true" : null),
            (nameof(task.Destination), task.Destination),
            (nameof(task.KeepLast), Text(task.KeepLast)),
            (nameof(task.KeepDaily), Text(task.KeepDaily)),
            (nameof(task.KeepWeekly), Text(task.KeepWeekly)),
            (nameof(task.KeepMonthly), Text(task.KeepMonthly)),
        ];
        return all.Where(pair => pair.Value is not null).Select(pair => (pair.Name, pair.Value!));
    }

    /// <summary>Reads what <see cref="Write"/> has written; null when something is missing or wrong.</summary>
    internal static StoreMaintenance? Read(string name, StoreMaintenanceFormat format, IReadOnlyDictionary<string, string> values)
    {
        try
        {
            return new StoreMaintenance
            {
                Name = name,
                Format = format,
                Task = Enum.Parse<StoreMaintenanceTask>(values[nameof(StoreMaintenance.Task)]),
                Store = values[nameof(StoreMaintenance.Store)],
                Schedule = values[nameof(StoreMaintenance.Schedule)],
                RandomizedDelay = StoreDuration.Parse(values[nameof(StoreMaintenance.RandomizedDelay)]),
                Executable = values[nameof(StoreMaintenance.Executable)],
                Module = values.GetValueOrDefault(nameof(StoreMaintenance.Module)),
                IOSchedulingClass = Enum.Parse<StoreIOSchedulingClass>(values[nameof(StoreMaintenance.IOSchedulingClass)]),
                IOPriority = Number(values, nameof(StoreMaintenance.IOPriority)),
                Budget = Duration(values, nameof(StoreMaintenance.Budget)),
                MaxAge = Age(values, nameof(StoreMaintenance.MaxAge)),
                OlderThan = Age(values, nameof(StoreMaintenance.OlderThan)),
                KeepGenerations = Number(values, nameof(StoreMaintenance.KeepGenerations)),
                UnusedFor = Age(values, nameof(StoreMaintenance.UnusedFor)),
                RegisteredBefore = Age(values, nameof(StoreMaintenance.RegisteredBefore)),
                MaxFreed = Bytes(values, nameof(StoreMaintenance.MaxFreed)),
                EnsureFree = Bytes(values, nameof(StoreMaintenance.EnsureFree)),
                Trash = values.GetValueOrDefault(nameof(StoreMaintenance.Trash)) == "true",
                Destination = values.GetValueOrDefault(nameof(StoreMaintenance.Destination)),
                KeepLast = Number(values, nameof(StoreMaintenance.KeepLast)),
                KeepDaily = Number(values, nameof(StoreMaintenance.KeepDaily)),
                KeepWeekly = Number(values, nameof(StoreMaintenance.KeepWeekly)),
                KeepMonthly = Number(values, nameof(StoreMaintenance.KeepMonthly)),
            };
        }
        catch (Exception error) when (error is KeyNotFoundException or ArgumentException or FormatException or OverflowException or NixStoreException)
        {
            return null;
        }
    }

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(TimeSpan? duration) => duration is null ? null : StoreDuration.Format(duration.Value);

    private static int? Number(IReadOnlyDictionary<string, string> values, string name)
        => values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static long? Bytes(IReadOnlyDictionary<string, string> values, string name)
        => values.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private static TimeSpan? Duration(IReadOnlyDictionary<string, string> values, string name)
        => values.TryGetValue(name, out var text) ? StoreDuration.Parse(text) : null;

    private static StoreAge? Age(IReadOnlyDictionary<string, string> values, string name)
        => values.TryGetValue(name, out var text) ? StoreAge.Parse(text) : null;
}
