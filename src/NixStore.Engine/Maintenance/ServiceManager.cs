using System.Globalization;

namespace NixStore.Engine.Maintenance;

/// <summary>The systemd that runs this machine, by its <c>systemctl</c>.</summary>
public sealed class ServiceManager
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly string _program;

    internal ServiceManager(string program) => _program = program;

    /// <summary>The one of this machine; null when it runs without systemd.</summary>
    public static ServiceManager? Find() => MaintenanceMachine.IsSystemdRunning ? new ServiceManager("systemctl") : null;

    /// <summary>Makes a timer run; one whose file was changed runs by the new one.</summary>
    /// <exception cref="NixStoreException">ServiceManagerFailed</exception>
    internal void Start(string timer, bool isChanged)
    {
        if (isChanged)
        {
            Run("daemon-reload");
            Run("restart", timer);
        }
        else
        {
            Run("start", timer);
        }
    }

    /// <summary>Stops a timer, and the service if it runs. The service ends in good order: all of them can be interrupted.</summary>
    /// <exception cref="NixStoreException">ServiceManagerFailed</exception>
    internal void Stop(string timer, string service)
    {
        // One whose file was never loaded is not there to be stopped.
        if (Show(timer, "LoadState").GetValueOrDefault("LoadState") is not ("not-found" or null))
        {
            Run("stop", timer, service);
        }
    }

    /// <summary>Makes systemd forget units whose files are gone.</summary>
    /// <exception cref="NixStoreException">ServiceManagerFailed</exception>
    internal void Forget(string service)
    {
        Run("daemon-reload");

        // Fails when there is nothing to be forgotten.
        _ = ProgramRun.Try(_program, ["reset-failed", service], s_patience);
    }

    /// <summary>Adds what systemd knows of a task.</summary>
    internal StoreMaintenance Describe(StoreMaintenance task, string timer, string service)
    {
        var when = Show(timer, "NextElapseUSecRealtime", "LastTriggerUSec");
        var how = Show(service, "Result", "ExecMainStatus", "ExecMainExitTimestamp");
        var hasRun = Time(how, "ExecMainExitTimestamp") is not null;
        return task with
        {
            NextRun = Time(when, "NextElapseUSecRealtime"),
            LastRun = Time(when, "LastTriggerUSec"),
            LastResult = hasRun ? how.GetValueOrDefault("Result") : null,
            LastExitCode = hasRun && int.TryParse(how.GetValueOrDefault("ExecMainStatus"), CultureInfo.InvariantCulture, out var code) ? code : null,
        };
    }

    private Dictionary<string, string> Show(string unit, params string[] properties)
    {
        var run = ProgramRun.Try(_program, ["show", "--timestamp=utc", $"--property={string.Join(',', properties)}", "--", unit], s_patience);
        return (run?.Output ?? "").Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }

    /// <summary>systemd 252 gives some times as it likes unless they are wanted in this form.</summary>
    private static DateTimeOffset? Time(Dictionary<string, string> values, string name) => DateTimeOffset.TryParseExact(
        values.GetValueOrDefault(name), "ddd yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time : null;

    private void Run(params string[] arguments)
    {
        var run = ProgramRun.Try(_program, arguments, s_patience);
        if (run is not { ExitCode: 0 })
        {
            var said = run is null ? "it cannot be run, or gave no answer" : run.Errors.Trim();
            throw new NixStoreException("ServiceManagerFailed", StoreErrorKind.WriteError, $"'{_program} {string.Join(' ', arguments)}' failed: {said}",
                arguments[^1], "The files are there; run the command again, or systemctl yourself.");
        }
    }
}
