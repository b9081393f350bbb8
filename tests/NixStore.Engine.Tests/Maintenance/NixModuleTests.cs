using System.Text.Json;
using NixStore.Engine.Maintenance;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

/// <summary>What real Nix reads in the modules.</summary>
public sealed class NixModuleTests : IDisposable
{
    private readonly SmallStore _store = new();

    public void Dispose() => _store.Dispose();

    [SkippableFact]
    public void Nix_reads_the_same_strings_that_units_have()
    {
        foreach (var name in Sample.WeirdNames)
        {
            var task = Sample.Task(StoreMaintenanceTask.Backup, StoreMaintenanceFormat.NixOS) with
            {
                Executable = $"/opt/{name}/nixstore", Destination = $"/mnt/back\\slash{name}", Schedule = "Mon *-*-* 03:15",
            };
            var module = Evaluate(NixModule.Of([(task, Sample.Store)]).Text);
            var service = module.GetProperty("systemd").GetProperty("services").GetProperty("nixstore-backup");
            var text = Sample.Service(task);

            Assert.Equal(SystemdLine.Setting(text, "ExecStart"), service.GetProperty("serviceConfig").GetProperty("ExecStart").GetString());
            Assert.Equal(SystemdLine.Setting(text, "RequiresMountsFor"), service.GetProperty("unitConfig").GetProperty("RequiresMountsFor").GetString());
            Assert.Equal(19, service.GetProperty("serviceConfig").GetProperty("Nice").GetInt32());
            Assert.True(service.GetProperty("serviceConfig").GetProperty("NoNewPrivileges").GetBoolean());
            Assert.False(service.GetProperty("restartIfChanged").GetBoolean());

            var timer = module.GetProperty("systemd").GetProperty("timers").GetProperty("nixstore-backup");
            Assert.Equal("Mon *-*-* 03:15", timer.GetProperty("timerConfig").GetProperty("OnCalendar").GetString());
            Assert.Equal("1h", timer.GetProperty("timerConfig").GetProperty("RandomizedDelaySec").GetString());
            Assert.True(timer.GetProperty("timerConfig").GetProperty("Persistent").GetBoolean());
            Assert.Equal("timers.target", timer.GetProperty("wantedBy")[0].GetString());
        }
    }

    [SkippableFact]
    public void All_tasks_are_one_module()
    {
        var tasks = Enum.GetValues<StoreMaintenanceTask>().Select(task => (Sample.Full(task, StoreMaintenanceFormat.NixOS), Sample.Store)).ToList();
        var made = NixModule.Of(tasks);
        Assert.Equal(4, made.Maintenance.Count);
        Assert.All(made.Maintenance, task => Assert.NotEmpty(task.Command));
        Assert.Equal(made.Text, made.ToString());
        var services = Evaluate(made.Text).GetProperty("systemd").GetProperty("services");
        Assert.Equal(["nixstore-backup", "nixstore-collect", "nixstore-optimise", "nixstore-verify"], services.EnumerateObject().Select(service => service.Name));
    }

    [Fact]
    public void Two_of_the_same_name_are_refused()
    {
        var task = Sample.Task(StoreMaintenanceTask.Verify, StoreMaintenanceFormat.NixOS);
        Assert.Equal("MaintenanceExists", Assert.Throws<NixStoreException>(() => NixModule.Of([(task, Sample.Store), (task, Sample.Store)])).ErrorId);
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("${x} $${y} $", "\"\\${x} \\$\\${y} \\$\"")]
    [InlineData("''", "\"''\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    public void Strings_are_escaped(string text, string expected) => Assert.Equal(expected, NixString.Quote(text));

    private JsonElement Evaluate(string text)
    {
        var nix = RealNix.Require();
        var file = _store.Beside("module.nix");
        File.WriteAllText(file, text);
        var json = nix.Instantiate(_store.Location, $"import {file} {{ lib = {{ }}; pkgs = {{ }}; config = {{ }}; }}", "--eval", "--strict", "--json");
        return JsonDocument.Parse(json).RootElement;
    }
}
