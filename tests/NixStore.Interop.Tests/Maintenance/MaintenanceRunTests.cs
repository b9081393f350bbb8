using System.Text.Json;
using NixStore.Engine.Maintenance;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Maintenance;

/// <summary>What units say is run, taken apart as systemd does and in an environment as bare as there, on stores that real Nix made.</summary>
public sealed class MaintenanceRunTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData(StoreMaintenanceTask.Verify)]
    [InlineData(StoreMaintenanceTask.Collect)]
    [InlineData(StoreMaintenanceTask.Optimise)]
    [InlineData(StoreMaintenanceTask.Backup)]
    public void A_task_does_its_work_and_says_so_in_json(StoreMaintenanceTask kind)
    {
        using var store = new StoreUnderTest(optimised: false);
        Skip.If(kind == StoreMaintenanceTask.Verify && !RescueProgram.Run([RescueProgram.Path, "verify", "--help"]).Output.Contains("--budget", StringComparison.Ordinal),
            "NO BUDGET: this nixstore has no verify --budget yet");
        var task = Register(store, kind);

        var run = Start(task);

        Assert.True(run.ExitCode == 0, $"{run.ExitCode}: {run.Output}\n{run.Error}");
        foreach (var line in run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind);
        }

        Assert.Equal(kind == StoreMaintenanceTask.Verify, run.Output.Length == 0);
        var verified = PhysicalNix.Verify(store.Root);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.Equal(kind == StoreMaintenanceTask.Backup, Directory.Exists(_directory["backups $HOME %n"]));
    }

    [SkippableFact]
    public void A_collection_deletes_what_Nix_would_delete()
    {
        using var store = new StoreUnderTest(optimised: false);
        Assert.NotEmpty(PhysicalNix.Dead(store.Root));

        var run = Start(Register(store, StoreMaintenanceTask.Collect));

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(PhysicalNix.Dead(store.Root));
        Assert.Contains("\"freedBytes\":", run.Output, StringComparison.Ordinal);
    }

    /// <summary>The unit fails, and `systemctl --failed` shows it.</summary>
    [SkippableFact]
    public void What_cannot_be_done_ends_with_another_code()
    {
        using var store = new StoreUnderTest(optimised: false);
        var task = Register(store, StoreMaintenanceTask.Backup);
        store.Damage("h2-header-destroyed");

        var run = Start(task);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("\"error\":", run.Error, StringComparison.Ordinal);
    }

    private string Register(StoreUnderTest store, StoreMaintenanceTask kind)
    {
        var task = MaintenanceDefaults.Complete(new StoreMaintenance
        {
            Store = store.Location.Url,
            Name = MaintenanceName.Of(kind),
            Task = kind,
            Format = StoreMaintenanceFormat.Systemd,
            Schedule = MaintenanceDefaults.ScheduleOf(kind),
            Executable = RescueProgram.Path,
            Destination = kind == StoreMaintenanceTask.Backup ? _directory["backups $HOME %n"] : null,
        });
        var registered = new MaintenanceRegistry(_directory["units"], null).Apply(task, store.Location, false).Task;
        return SystemdLine.Setting(File.ReadAllText(registered.Files[0]), "ExecStart");
    }

    private static CommandResult Start(string line)
    {
        var words = SystemdLine.Split(line);
        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        return RescueProgram.Run(RescueProgram.Alone(
            ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/root", .. root is null ? (string[])[] : [$"DOTNET_ROOT={root}"], .. words]));
    }
}
