using NixStore.Engine.Maintenance;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

public sealed class MaintenanceMachineTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_machine_with_a_running_systemd_has_timers()
    {
        Make("run/systemd/system", "etc/cron.d", "etc/systemd/system");
        Assert.Equal(StoreMaintenanceFormat.Systemd, MaintenanceMachine.Detect(_root.Path));
    }

    [Fact]
    public void Without_systemd_cron_does_it()
    {
        Make("etc/cron.d", "etc/systemd/system");
        Assert.Equal(StoreMaintenanceFormat.Cron, MaintenanceMachine.Detect(_root.Path));
    }

    [Fact]
    public void Without_either_there_will_be_systemd() => Assert.Equal(StoreMaintenanceFormat.Systemd, MaintenanceMachine.Detect(_root.Path));

    [Fact]
    public void NixOS_is_known_by_its_mark()
    {
        Make("run/systemd/system", "etc/cron.d");
        File.WriteAllText(_root["etc/NIXOS"], "");
        Assert.Equal(StoreMaintenanceFormat.NixOS, MaintenanceMachine.Detect(_root.Path));
    }

    [Fact]
    public void And_by_a_directory_that_is_a_link()
    {
        Make("run/systemd/system", "etc/systemd");
        File.CreateSymbolicLink(_root["etc/systemd/system"], "/etc/static/systemd/system");
        Assert.Equal(StoreMaintenanceFormat.NixOS, MaintenanceMachine.Detect(_root.Path));
    }

    [Fact]
    public void The_executable_beside_the_module_goes_first_and_keeps_its_name()
    {
        Make("module");
        File.WriteAllText(_root["real"], "#!/bin/sh\n");
        File.SetUnixFileMode(_root["real"], (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(_root["module/nixstore"], _root["real"]);
        Assert.Equal(new MaintenanceProgram(_root["module/nixstore"], null), MaintenanceProgram.Find(_root["module"]));
    }

    [Theory]
    [InlineData("/opt/nixstore", null)]
    [InlineData("/usr/bin/pwsh", "/m/NixStore.psd1")]
    [InlineData("/usr/bin/pwsh-preview", "/m/NixStore.psd1")]
    public void PowerShell_gets_the_module(string executable, string? expected) => Assert.Equal(expected, MaintenanceProgram.Named(executable, "/m").Module);

    private void Make(params string[] directories) => Array.ForEach(directories, directory => Directory.CreateDirectory(_root[directory]));
}
