using System.Management.Automation;
using NixStore.Engine.Maintenance;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Register-StoreMaintenance: lets the machine look after a store by itself, by timers of systemd, by cron, or by a NixOS configuration.</summary>
[Cmdlet(VerbsLifecycle.Register, "StoreMaintenance", SupportsShouldProcess = true)]
[OutputType(typeof(StoreMaintenance), typeof(StoreMaintenanceModule))]
public sealed class RegisterStoreMaintenanceCommand : MaintenanceCommand
{
    // Which parameters are for some tasks alone.
    private static readonly Dictionary<string, StoreMaintenanceTask> s_particular = new(StringComparer.Ordinal)
    {
        [nameof(Budget)] = StoreMaintenanceTask.Verify,
        [nameof(MaxAge)] = StoreMaintenanceTask.Verify,
        [nameof(OlderThan)] = StoreMaintenanceTask.Collect,
        [nameof(KeepGenerations)] = StoreMaintenanceTask.Collect,
        [nameof(UnusedFor)] = StoreMaintenanceTask.Collect,
        [nameof(RegisteredBefore)] = StoreMaintenanceTask.Collect,
        [nameof(MaxFreed)] = StoreMaintenanceTask.Collect,
        [nameof(EnsureFree)] = StoreMaintenanceTask.Collect,
        [nameof(Trash)] = StoreMaintenanceTask.Collect,
        [nameof(Destination)] = StoreMaintenanceTask.Backup,
        [nameof(KeepLast)] = StoreMaintenanceTask.Backup,
        [nameof(KeepDaily)] = StoreMaintenanceTask.Backup,
        [nameof(KeepWeekly)] = StoreMaintenanceTask.Backup,
        [nameof(KeepMonthly)] = StoreMaintenanceTask.Backup,
    };

    private readonly List<(StoreMaintenance Task, StoreLocation Store)> _module = [];
    private MaintenanceProgram? _program;

    /// <summary>What is to be done.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public StoreMaintenanceTask[] Task { get; set; } = [];

    /// <summary>What the task is called; with several tasks, what their names begin with. Default: verify, collect, optimise, backup.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>When: a calendar event of systemd, or the five fields of a table of cron. Default: verify and back up daily, the others weekly.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ScheduleCompleter))]
    public string? Schedule { get; set; }

    /// <summary>Begin later by a random time of at most this.</summary>
    [Parameter]
    [Duration]
    public TimeSpan RandomizedDelay { get; set; } = MaintenanceDefaults.RandomizedDelay;

    /// <summary>Verify: for how long to read each time.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Budget { get; set; }

    /// <summary>Verify: do not read again what was found intact within this time.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? MaxAge { get; set; }

    /// <summary>Collect: first remove generations of profiles that are older.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? OlderThan { get; set; }

    /// <summary>Collect: first remove generations of profiles except so many.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepGenerations { get; set; }

    /// <summary>Collect: only what was not read for so long.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? UnusedFor { get; set; }

    /// <summary>Collect: only what was registered longer ago.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? RegisteredBefore { get; set; }

    /// <summary>Collect: stop as soon as so many bytes are freed.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MaxFreed { get; set; }

    /// <summary>Collect: stop as soon as so many bytes of the file system are free.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? EnsureFree { get; set; }

    /// <summary>Collect: put everything into the trash.</summary>
    [Parameter]
    public SwitchParameter Trash { get; set; }

    /// <summary>Backup: the directory for the backups. Default: nixstore/backups in the store's state directory.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Backup: keep so many.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepLast { get; set; }

    /// <summary>Backup: keep the newest of each of the last so many days that have one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepDaily { get; set; }

    /// <summary>Backup: keep the newest of each of the last so many weeks that have one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepWeekly { get; set; }

    /// <summary>Backup: keep the newest of each of the last so many months that have one.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepMonthly { get; set; }

    /// <summary>Who goes first at the disk. Default: Verify only while nobody else wants anything of it, the others last among all.</summary>
    [Parameter]
    public StoreIOSchedulingClass? IOSchedulingClass { get; set; }

    /// <summary>The share of the disk, from 0 (most) to 7; means the class BestEffort.</summary>
    [Parameter]
    [ValidateRange(0, 7)]
    public int? IOPriority { get; set; }

    /// <summary>The program that does it: nixstore, or pwsh. Default: nixstore beside the module or on the PATH, else this PowerShell.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Executable { get; set; }

    /// <summary>What runs the tasks. Default: what this machine has.</summary>
    [Parameter]
    public StoreMaintenanceFormat? Format { get; set; }

    /// <summary>Replace a task of the same name that has other parameters, or was changed by hand.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        var unused = MyInvocation.BoundParameters.Keys.FirstOrDefault(name => s_particular.TryGetValue(name, out var task) && !Task.Contains(task));
        if (unused is not null)
        {
            throw new NixStoreException("MaintenanceParameterUnused", StoreErrorKind.InvalidArgument,
                $"-{unused} says something of the task {s_particular[unused]}, which is not among those to be registered.", unused,
                $"Leave it out, or add {s_particular[unused]} to -Task.");
        }

        if (IOPriority is not null && IOSchedulingClass == StoreIOSchedulingClass.Idle)
        {
            throw new NixStoreException("MaintenanceParameterUnused", StoreErrorKind.InvalidArgument, "-IOPriority means nothing in the class Idle.",
                nameof(IOPriority), "Leave one of them out.");
        }

        _program = FindProgram();
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        WarnOfProgram(store);
        foreach (var task in Task.Distinct())
        {
            Try(() => Register(Make(task, store), store));
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_module.Count > 0)
        {
            WriteObject(NixModule.Of(_module));
        }
    }

    private StoreMaintenance Make(StoreMaintenanceTask task, StoreLocation store) => MaintenanceDefaults.Complete(new StoreMaintenance
    {
        Store = store.Url,
        Name = Name is null ? MaintenanceName.Of(task) : Task.Length == 1 ? Name : $"{Name}-{MaintenanceName.Of(task)}",
        Task = task,
        Format = Format ?? MaintenanceMachine.Detect(),
        Schedule = Schedule ?? MaintenanceDefaults.ScheduleOf(task),
        RandomizedDelay = RandomizedDelay,
        Executable = _program!.Executable,
        Module = _program.Module,
        IOSchedulingClass = IOSchedulingClass ?? (IOPriority is null ? MaintenanceDefaults.IOSchedulingClassOf(task) : StoreIOSchedulingClass.BestEffort),
        IOPriority = IOPriority,
        Budget = For(StoreMaintenanceTask.Verify, task, Budget),
        MaxAge = For(StoreMaintenanceTask.Verify, task, MaxAge),
        OlderThan = For(StoreMaintenanceTask.Collect, task, OlderThan),
        KeepGenerations = For(StoreMaintenanceTask.Collect, task, KeepGenerations),
        UnusedFor = For(StoreMaintenanceTask.Collect, task, UnusedFor),
        RegisteredBefore = For(StoreMaintenanceTask.Collect, task, RegisteredBefore),
        MaxFreed = For(StoreMaintenanceTask.Collect, task, MaxFreed),
        EnsureFree = For(StoreMaintenanceTask.Collect, task, EnsureFree),
        Trash = For(StoreMaintenanceTask.Collect, task, Trash.IsPresent),
        Destination = For(StoreMaintenanceTask.Backup, task, Destination is null ? null : ToDirectory(Destination)),
        KeepLast = For(StoreMaintenanceTask.Backup, task, KeepLast),
        KeepDaily = For(StoreMaintenanceTask.Backup, task, KeepDaily),
        KeepWeekly = For(StoreMaintenanceTask.Backup, task, KeepWeekly),
        KeepMonthly = For(StoreMaintenanceTask.Backup, task, KeepMonthly),
    });

    private static T? For<T>(StoreMaintenanceTask meant, StoreMaintenanceTask task, T? value) => meant == task ? value : default;

    private void Register(StoreMaintenance task, StoreLocation store)
    {
        if (task.Format == StoreMaintenanceFormat.NixOS)
        {
            _module.Add((task, store));
            return;
        }

        var directory = Directory is null ? MaintenanceMachine.DirectoryOf(task.Format) : ToDirectory(Directory);
        var registry = NewRegistry(directory);
        var plan = registry.Plan(task, store, Force);
        if (plan.Changes.Count == 0)
        {
            WriteVerbose($"The task {task.Name} is registered in {directory} just so already.");
            registry.Apply(task, store, Force);
        }
        else if (ShouldProcess(Describe(plan), $"Register the scheduled task {task.Name} in {directory}?", "Register-StoreMaintenance"))
        {
            registry.Apply(task, store, Force);
            WarnOfIdleMachine(task, directory);
        }
        else
        {
            return;
        }

        if (PassThru)
        {
            WriteObject(registry.List(_ => { }).Where(registered => registered.Name == task.Name && registered.Format == task.Format), enumerateCollection: true);
        }
    }

    private static string Describe(MaintenancePlan plan) => string.Join("\n\n",
        plan.Changes.Select(file => $"Write {plan.Task.Directory}/{file.Name}:\n{file.Text}"));

    private MaintenanceProgram FindProgram()
    {
        var module = MyInvocation.MyCommand.Module.ModuleBase;
        if (Executable is null)
        {
            return MaintenanceProgram.Find(module);
        }

        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Executable);
        if (!MaintenanceProgram.IsExecutable(path))
        {
            // It may be in an image that the directory is in as well.
            if (Directory is null && Format != StoreMaintenanceFormat.NixOS)
            {
                throw new NixStoreException("ExecutableNotFound", StoreErrorKind.NotFound, $"'{path}' is no file that can be executed.", path,
                    "Give the path of nixstore, or of pwsh.");
            }

            WriteWarning($"'{path}' is no file that can be executed on this machine.");
        }

        return MaintenanceProgram.Named(path, module);
    }

    private void WarnOfProgram(StoreLocation store)
    {
        if (_program!.Executable.StartsWith(store.RealDirectory + "/", StringComparison.Ordinal) || _program.Executable.StartsWith(store.Directory.Path + "/", StringComparison.Ordinal))
        {
            WriteWarning($"'{_program.Executable}' is in the store that it is to look after: a collection removes it unless a root keeps it, and damage can reach it.");
        }
    }

    private void WarnOfIdleMachine(StoreMaintenance task, string directory)
    {
        if (Directory is null && task.Format == StoreMaintenanceFormat.Systemd && !MaintenanceMachine.IsSystemdRunning)
        {
            WriteWarning($"No systemd runs this machine; the task {task.Name} in {directory} starts with the next one that does.");
        }
    }
}
