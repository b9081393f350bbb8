using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Maintenance;

/// <summary>The tasks that are registered in a directory. The file with the parameters is the first to come and the last to go.</summary>
/// <param name="directory">The directory: <c>/etc/systemd/system</c>, <c>/etc/cron.d</c>, or the same of a system that does not run.</param>
/// <param name="manager">The systemd that takes the directory for its own; null when none does.</param>
public sealed class MaintenanceRegistry(string directory, ServiceManager? manager)
{
    /// <summary>What registering a task would change. Nothing is changed.</summary>
    /// <param name="task">The task.</param>
    /// <param name="store">Its store.</param>
    /// <param name="replace">True to replace another one, or one that was changed by hand.</param>
    /// <exception cref="NixStoreException">MaintenanceInvalid, ScheduleInvalid, MaintenanceExists, MaintenanceChanged, MaintenanceNotOurs</exception>
    /// <exception cref="StoreIOException"/>
    public MaintenancePlan Plan(StoreMaintenance task, StoreLocation store, bool replace)
    {
        ArgumentNullException.ThrowIfNull(task);
        Require(task, store);
        using var current = MaintenanceDirectory.TryOpen(directory);
        return Plan(current, task, store, replace);
    }

    /// <summary>Registers a task: writes its files, enables it and starts it. Safe to repeat, whenever it was interrupted.</summary>
    /// <param name="task">The task.</param>
    /// <param name="store">Its store.</param>
    /// <param name="replace">True to replace another one, or one that was changed by hand.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="NixStoreException">
    /// As <see cref="Plan(StoreMaintenance, StoreLocation, bool)"/>; DirectoryNotWritable, DirectoryBusy, ServiceManagerFailed
    /// </exception>
    /// <exception cref="StoreIOException"/>
    public MaintenancePlan Apply(StoreMaintenance task, StoreLocation store, bool replace)
    {
        ArgumentNullException.ThrowIfNull(task);
        Require(task, store);
        using var current = MaintenanceDirectory.OpenForChanges(directory);
        var plan = Plan(current, task, store, replace);
        foreach (var file in plan.Changes)
        {
            current.Write(file.Name, file.Text);
        }

        if (task.Format == StoreMaintenanceFormat.Systemd)
        {
            current.Enable(MaintenanceName.TimerOf(task.Name));
            manager?.Start(MaintenanceName.TimerOf(task.Name), plan.Changes.Count > 0);
        }

        return plan with { Task = plan.Task with { IsEnabled = true } };
    }

    /// <summary>The tasks in the directory, in order of their names.</summary>
    /// <param name="damaged">Gets the error of each file that should be ours, and has no parameters that can be read.</param>
    /// <exception cref="StoreIOException"/>
    public IReadOnlyList<StoreMaintenance> List(Action<NixStoreException> damaged)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        using var current = MaintenanceDirectory.TryOpen(directory);
        var tasks = new List<StoreMaintenance>();
        foreach (var file in current?.Names() ?? [])
        {
            if (MaintenanceName.FromRecord(file, out var format) is not { } name || SealedText.Read(current!.Read(file) ?? "") is not { } text)
            {
                continue;
            }

            if (MaintenanceParameters.Read(name, format, text.Parameters) is { } task)
            {
                tasks.Add(Describe(current, task, text.IsChanged));
            }
            else
            {
                damaged(new NixStoreException("MaintenanceChanged", StoreErrorKind.InvalidData,
                    $"The parameters in '{directory}/{file}' cannot be read; somebody has changed them.", name,
                    $"Unregister-StoreMaintenance {name} -Force removes the task; then register it again."));
            }
        }

        return tasks;
    }

    /// <summary>The formats in which there is a file of a task of this name, whoever made it.</summary>
    /// <exception cref="StoreIOException"/>
    public IReadOnlyList<StoreMaintenanceFormat> FormatsOf(string name)
    {
        using var current = MaintenanceDirectory.TryOpen(directory);
        return current is null || !MaintenanceName.IsValid(name) ? [] :
        [
            .. ((StoreMaintenanceFormat[])[StoreMaintenanceFormat.Systemd, StoreMaintenanceFormat.Cron])
                .Where(format => MaintenanceFiles.NamesOf(name, format).Any(file => current.Read(file) is not null)),
        ];
    }

    /// <summary>Raises the error that would keep a task from being removed.</summary>
    /// <exception cref="NixStoreException">MaintenanceNotOurs, MaintenanceChanged</exception>
    /// <exception cref="StoreIOException"/>
    public void RequireRemovable(string name, StoreMaintenanceFormat format, bool force)
    {
        using var current = MaintenanceDirectory.TryOpen(directory);
        RequireRemovable(current, name, format, force);
    }

    /// <summary>Stops, disables and removes a task. Safe to repeat, whenever it was interrupted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="format">In which format.</param>
    /// <param name="force">True for one that was changed by hand as well.</param>
    /// <exception cref="NixStoreException">MaintenanceNotOurs, MaintenanceChanged, DirectoryNotWritable, DirectoryBusy, ServiceManagerFailed</exception>
    /// <exception cref="StoreIOException"/>
    public void Remove(string name, StoreMaintenanceFormat format, bool force)
    {
        using var current = MaintenanceDirectory.OpenForChanges(directory);
        RequireRemovable(current, name, format, force);
        if (format == StoreMaintenanceFormat.Systemd)
        {
            manager?.Stop(MaintenanceName.TimerOf(name), MaintenanceName.ServiceOf(name));
            current.Disable(MaintenanceName.TimerOf(name));
        }

        foreach (var file in MaintenanceFiles.NamesOf(name, format))
        {
            current.Remove(file);
        }

        if (format == StoreMaintenanceFormat.Systemd)
        {
            manager?.Forget(MaintenanceName.ServiceOf(name));
        }
    }

    /// <summary>Raises an error for a task that cannot be written into a file as it is.</summary>
    internal static void Require(StoreMaintenance task, StoreLocation store)
    {
        MaintenanceName.Require(task.Name);
        MaintenanceSchedule.Require(task.Schedule, task.Format);
        PlainText.Require(task.Store, "The store");
        PlainText.Require(store.RealDirectory, "The directory");
        PlainText.Require(store.StateDirectory, "The directory");
        PlainText.Require(task.Executable, "The executable");
        PlainText.Require(task.Module, "The module");
        PlainText.Require(task.Destination, "The directory");
        if (!task.Executable.StartsWith('/'))
        {
            throw new NixStoreException("MaintenanceInvalid", StoreErrorKind.InvalidArgument, $"The executable '{task.Executable}' is not an absolute path.",
                task.Executable, "Give the whole path: a service has no working directory of yours.");
        }

        // string_is_safe() of systemd's basic/string-util.c, which config_parse_exec asks.
        if (task.Format != StoreMaintenanceFormat.Cron && task.Executable.AsSpan().ContainsAny('"', '\'', '\\'))
        {
            throw new NixStoreException("MaintenanceInvalid", StoreErrorKind.InvalidArgument,
                $"systemd starts no program whose path has quotes or backslashes, as '{task.Executable}' has.", task.Executable,
                "Give a path without them, such as a symbolic link to it.");
        }
    }

    private MaintenancePlan Plan(MaintenanceDirectory? current, StoreMaintenance task, StoreLocation store, bool replace)
    {
        var files = MaintenanceFiles.Of(task, store);
        var changes = new List<MaintenanceFile>();
        foreach (var file in files)
        {
            var text = current?.Read(file.Name);
            if (text == file.Text)
            {
                continue;
            }

            if (text is not null)
            {
                RequireReplaceable(file, text, replace);
            }

            changes.Add(file);
        }

        if (changes.Count == 0 && task.Format == StoreMaintenanceFormat.Systemd && !current!.IsEnabled(MaintenanceName.TimerOf(task.Name)))
        {
            changes.Add(files[^1]);
        }

        var described = task with
        {
            Command = MaintenanceCommand.Of(task), Directory = directory, Files = [.. files.Select(file => $"{directory}/{file.Name}")],
        };
        return new MaintenancePlan(described, files, changes);
    }

    private void RequireReplaceable(MaintenanceFile file, string text, bool replace)
    {
        var path = $"{directory}/{file.Name}";
        var found = SealedText.Read(text) ?? throw NotOurs(path);
        if (!replace)
        {
            throw found.IsChanged
                ? new NixStoreException("MaintenanceChanged", StoreErrorKind.InvalidArgument, $"'{path}' was changed by hand.", path,
                    "-Force replaces it; give the task another -Name to have both.")
                : new NixStoreException("MaintenanceExists", StoreErrorKind.InvalidArgument, $"'{path}' is there already, with other parameters.", path,
                    "-Force replaces it; give the task another -Name to have both.");
        }
    }

    private void RequireRemovable(MaintenanceDirectory? current, string name, StoreMaintenanceFormat format, bool force)
    {
        foreach (var file in MaintenanceFiles.NamesOf(name, format))
        {
            if (current?.Read(file) is not { } text)
            {
                continue;
            }

            var path = $"{directory}/{file}";
            if ((SealedText.Read(text) ?? throw NotOurs(path)).IsChanged && !force)
            {
                throw new NixStoreException("MaintenanceChanged", StoreErrorKind.InvalidArgument, $"'{path}' was changed by hand.", path,
                    "Keep what was changed, if it is worth it; -Force removes it.");
            }
        }
    }

    private static NixStoreException NotOurs(string path) => new("MaintenanceNotOurs", StoreErrorKind.InvalidArgument,
        $"'{path}' was not made by NixStore.", path, "Give the task another -Name, or remove the file yourself if nobody needs it.");

    private StoreMaintenance Describe(MaintenanceDirectory current, StoreMaintenance task, bool isChanged)
    {
        var names = MaintenanceFiles.NamesOf(task.Name, task.Format).Reverse().Where(file => current.Read(file) is not null).ToList();
        var described = task with
        {
            Command = MaintenanceCommand.Of(task),
            Directory = directory,
            Files = [.. names.Select(file => $"{directory}/{file}")],
            IsChanged = isChanged || names.Any(file => SealedText.Read(current.Read(file) ?? "") is not { IsChanged: false }),
            IsEnabled = task.Format == StoreMaintenanceFormat.Cron || current.IsEnabled(MaintenanceName.TimerOf(task.Name)),
        };
        return task.Format == StoreMaintenanceFormat.Systemd && manager is not null
            ? manager.Describe(described, MaintenanceName.TimerOf(task.Name), MaintenanceName.ServiceOf(task.Name)) : described;
    }
}
