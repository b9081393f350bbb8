using NixStore.Engine.Maintenance;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

/// <summary>What a systemctl is asked. There is none that works where systemd does not run the machine, so a script writes down what it is asked.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ServiceManagerTests() => Answer("""
        LoadState=loaded
        NextElapseUSecRealtime=Wed 2026-11-18 11:06:40 UTC
        LastTriggerUSec=Tue 2026-11-17 07:20:00 UTC
        Result=exit-code
        ExecMainStatus=1
        ExecMainExitTimestamp=Tue 2026-11-17 07:21:40 UTC
        """);

    public void Dispose() => _directory.Dispose();

    private MaintenanceRegistry Registry => new(_directory["units"], new ServiceManager(_directory["systemctl"]));

    [Fact]
    public void Units_are_loaded_and_the_timer_started()
    {
        Register();
        Assert.Equal(["daemon-reload", "restart nixstore-verify.timer"], TakeCalls());
        Register();
        Assert.Equal(["start nixstore-verify.timer"], TakeCalls());
    }

    [Fact]
    public void Units_are_stopped_before_they_go_and_forgotten_after()
    {
        Register();
        TakeCalls();
        Registry.Remove("verify", StoreMaintenanceFormat.Systemd, false);
        Assert.Equal(
            ["show --timestamp=utc --property=LoadState -- nixstore-verify.timer", "stop nixstore-verify.timer nixstore-verify.service", "daemon-reload",
                "reset-failed nixstore-verify.service"], TakeCalls());
    }

    [Fact]
    public void What_is_known_of_the_runs_is_told()
    {
        Register();
        var task = Assert.Single(Registry.List(error => throw error));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795000000), task.NextRun);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1794900000), task.LastRun);
        Assert.Equal(("exit-code", (int?)1), (task.LastResult, task.LastExitCode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("LoadState=loaded\nNextElapseUSecRealtime=\nLastTriggerUSec=\nResult=success\nExecMainStatus=0\nExecMainExitTimestamp=\n")]
    [InlineData("NextElapseUSecRealtime=@1795000000\nLastTriggerUSec=n/a\nExecMainExitTimestamp=n/a")]
    public void What_is_not_known_is_null(string answer)
    {
        Answer(answer);
        Register();
        var task = Assert.Single(Registry.List(error => throw error));
        Assert.Null(task.NextRun);
        Assert.Null(task.LastRun);
        Assert.Null(task.LastResult);
        Assert.Null(task.LastExitCode);
    }

    [Fact]
    public void What_it_complains_of_is_told_and_the_files_stay()
    {
        Command.WriteProgram(_directory["systemctl"], "#!/bin/sh\necho 'no such bus' >&2; exit 1\n");
        var error = Assert.Throws<NixStoreException>(Register);
        Assert.Equal("ServiceManagerFailed", error.ErrorId);
        Assert.Contains("no such bus", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_directory["units/nixstore-verify.service"]));
    }

    [Fact]
    public void Cron_is_not_its_business()
    {
        Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify, StoreMaintenanceFormat.Cron), Sample.Store, false);
        Assert.Single(Registry.List(error => throw error));
        Registry.Remove("verify", StoreMaintenanceFormat.Cron, false);
        Assert.Empty(TakeCalls());
    }

    private void Register() => Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, false);

    private string[] TakeCalls()
    {
        var calls = File.Exists(_directory["calls"]) ? File.ReadAllLines(_directory["calls"]) : [];
        File.Delete(_directory["calls"]);
        return calls;
    }

    private void Answer(string text)
    {
        File.WriteAllText(_directory["answer"], text);
        Command.WriteProgram(_directory["systemctl"], $"#!/bin/sh\necho \"$@\" >> {_directory["calls"]}\ncase $1 in show) cat {_directory["answer"]};; esac\n");
    }
}
