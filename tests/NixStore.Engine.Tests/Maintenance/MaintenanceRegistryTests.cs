using NixStore.Engine.Maintenance;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

public sealed class MaintenanceRegistryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Place => _directory["etc/systemd/system"];

    private string Service => $"{Place}/nixstore-verify.service";

    private string Timer => $"{Place}/nixstore-verify.timer";

    private string Link => $"{Place}/timers.target.wants/nixstore-verify.timer";

    private MaintenanceRegistry Registry => new(Place, null);

    [Theory]
    [InlineData(StoreMaintenanceFormat.Systemd)]
    [InlineData(StoreMaintenanceFormat.Cron)]
    public void What_is_registered_is_listed_as_it_is(StoreMaintenanceFormat format)
    {
        var task = Sample.Full(StoreMaintenanceTask.Collect, format) with { Destination = null };
        var registered = Registry.Apply(task, Sample.Store, false).Task;
        var listed = Assert.Single(Registry.List(error => throw error));
        Assert.Equal(MaintenanceParameters.Write(task), MaintenanceParameters.Write(listed));
        Assert.Equal((task.Name, format, false, true), (listed.Name, listed.Format, listed.IsChanged, listed.IsEnabled));
        Assert.Equal(registered.Files, listed.Files);
        Assert.Equal(registered.Command, listed.Command);
        Assert.All(listed.Files, file => Assert.Equal((UnixFileMode)0x1A4, File.GetUnixFileMode(file)));
        Assert.Equal(format == StoreMaintenanceFormat.Cron ? [$"{Place}/nixstore-collect"] : [$"{Place}/nixstore-collect.service", $"{Place}/nixstore-collect.timer"], listed.Files);
    }

    [Fact]
    public void A_timer_is_enabled_as_systemctl_does_it()
    {
        Register();
        Assert.Equal("../nixstore-verify.timer", new FileInfo(Link).LinkTarget);
        Assert.True(File.Exists(Link));
    }

    [Fact]
    public void A_plan_changes_nothing()
    {
        var plan = Registry.Plan(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, false);
        Assert.Equal([Service, Timer], plan.Task.Files);
        Assert.Equal(2, plan.Changes.Count);
        Assert.False(Directory.Exists(Place));
    }

    [Fact]
    public void Registering_twice_changes_nothing()
    {
        Register();
        var before = State();
        Assert.Empty(Registry.Plan(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, false).Changes);
        Assert.Empty(Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, false).Changes);
        Assert.Equal(before, State());
    }

    [Fact]
    public void Another_of_the_same_name_is_replaced_by_force_alone()
    {
        Register();
        var other = Sample.Task(StoreMaintenanceTask.Verify) with { Schedule = "weekly" };
        Assert.Equal("MaintenanceExists", Fault(() => Registry.Apply(other, Sample.Store, false)));
        Assert.Equal("daily", Assert.Single(Registry.List(error => throw error)).Schedule);
        Registry.Apply(other, Sample.Store, true);
        Assert.Equal("weekly", Assert.Single(Registry.List(error => throw error)).Schedule);
    }

    [Theory]
    [InlineData(".service")]
    [InlineData(".timer")]
    public void What_was_changed_by_hand_is_left_alone_without_force(string ending)
    {
        Register();
        File.AppendAllText($"{Place}/nixstore-verify{ending}", "# mine\n");
        Assert.True(Assert.Single(Registry.List(error => throw error)).IsChanged);
        Assert.Equal("MaintenanceChanged", Fault(() => Registry.Remove("verify", StoreMaintenanceFormat.Systemd, false)));
        Assert.Equal("MaintenanceChanged", Fault(() => Registry.RequireRemovable("verify", StoreMaintenanceFormat.Systemd, false)));
        Assert.Equal("MaintenanceChanged", Fault(Register));
        Assert.True(File.Exists(Service) && File.Exists(Timer) && File.Exists(Link));

        Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, true);
        Assert.False(Assert.Single(Registry.List(error => throw error)).IsChanged);
        File.AppendAllText(Timer, "# mine\n");
        Registry.Remove("verify", StoreMaintenanceFormat.Systemd, true);
        Assert.Equal(["timers.target.wants"], Directory.EnumerateFileSystemEntries(Place).Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{Place}/timers.target.wants"));
    }

    [Fact]
    public void What_others_made_is_never_touched()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(Service, "[Service]\nExecStart=/bin/true\n");
        Assert.Equal("MaintenanceNotOurs", Fault(() => Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, true)));
        Assert.Equal("MaintenanceNotOurs", Fault(() => Registry.Remove("verify", StoreMaintenanceFormat.Systemd, true)));
        Assert.Empty(Registry.List(error => throw error));
        Assert.Equal([StoreMaintenanceFormat.Systemd], Registry.FormatsOf("verify"));
        Assert.Equal([Service], Directory.EnumerateFileSystemEntries(Place));
    }

    [Fact]
    public void A_masked_unit_stays_masked()
    {
        Directory.CreateDirectory(Place);
        File.CreateSymbolicLink(Timer, "/dev/null");
        Assert.Equal("MaintenanceNotOurs", Fault(() => Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, true)));
        Assert.Equal([Timer], Directory.EnumerateFileSystemEntries(Place));
    }

    [Fact]
    public void A_task_without_its_timer_or_its_link_is_completed()
    {
        Register();
        File.Delete(Timer);
        File.Delete(Link);
        Assert.False(Assert.Single(Registry.List(error => throw error)).IsEnabled);
        Register();
        Assert.True(File.Exists(Link));
        File.Delete(Link);
        Assert.NotEmpty(Registry.Plan(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, false).Changes);
        Register();
        Assert.True(Assert.Single(Registry.List(error => throw error)).IsEnabled);
    }

    [Fact]
    public void What_a_killed_one_left_goes_with_the_next_one()
    {
        Register();
        foreach (var left in (string[])[".nixstore-verify.service.tmp", ".nixstore-verify.timer.tmp"])
        {
            File.WriteAllText($"{Place}/{left}", "half");
        }

        Assert.Single(Registry.List(error => throw error));
        Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify) with { Schedule = "weekly" }, Sample.Store, true);
        Assert.Empty(Directory.EnumerateFiles(Place, ".*"));
        File.WriteAllText($"{Place}/.nixstore-verify.timer.tmp", "half");
        Registry.Remove("verify", StoreMaintenanceFormat.Systemd, false);
        Assert.Empty(Directory.EnumerateFiles(Place));
    }

    [Fact]
    public void A_removal_that_was_interrupted_is_repeated()
    {
        Register();
        File.Delete(Link);
        File.Delete(Timer);
        Assert.Equal([StoreMaintenanceFormat.Systemd], Registry.FormatsOf("verify"));
        Registry.Remove("verify", StoreMaintenanceFormat.Systemd, false);
        Assert.Empty(Registry.FormatsOf("verify"));
    }

    [Fact]
    public void Spoilt_parameters_are_told_and_the_others_listed()
    {
        Register();
        File.WriteAllText($"{Place}/nixstore-other.service", File.ReadAllText(Service).Replace("X-NixStore-Task=", "X-NixStore-Tusk=", StringComparison.Ordinal));
        var errors = new List<NixStoreException>();
        Assert.Equal("verify", Assert.Single(Registry.List(errors.Add)).Name);
        Assert.Equal(("MaintenanceChanged", "other"), (Assert.Single(errors).ErrorId, errors[0].Target));
        Registry.Remove("other", StoreMaintenanceFormat.Systemd, true);
        Assert.False(File.Exists($"{Place}/nixstore-other.service"));
    }

    [Fact]
    public void Other_files_are_passed_over()
    {
        Directory.CreateDirectory(Place);
        foreach (var name in (string[])["nixstore-a.b.service", "nixstore-.service", "other.service", "nixstore-x", "nixstore-verify@.service", "nixstore-dir.service/x"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{Place}/{name}")!);
            File.WriteAllText($"{Place}/{name}", "text");
        }

        Assert.Empty(Registry.List(error => throw error));
        Assert.Empty(new MaintenanceRegistry(_directory["nowhere"], null).List(error => throw error));
    }

    [SkippableFact]
    public void A_directory_that_cannot_be_written_to_is_told_with_what_to_do_on_NixOS()
    {
        Skip.IfNot(NixStore.Engine.Native.Posix.EffectiveUserId == 0 && Command.Exists("unshare"), "NOT ROOT: nothing can be mounted");
        Directory.CreateDirectory(Place);
        Command.Run("mount", "--bind", "-o", "ro", Place, Place);
        try
        {
            var error = Assert.Throws<NixStoreException>(Register);
            Assert.Equal(("DirectoryNotWritable", StoreErrorKind.PermissionDenied), (error.ErrorId, error.Kind));
            Assert.Contains("-Format NixOS", error.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            Command.Run("umount", "-l", Place);
        }
    }

    [Fact]
    public async Task Whoever_makes_changes_is_waited_for()
    {
        Directory.CreateDirectory(Place);
        using var holder = Command.Start("flock", [Place, "sh", "-c", "echo held; read x"]);
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        var work = Task.Run(Register);
        await Task.Delay(200);
        Assert.False(work.IsCompleted);
        holder.StandardInput.WriteLine();
        await work.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(File.Exists(Link));
    }

    private void Register() => Registry.Apply(Sample.Task(StoreMaintenanceTask.Verify), Sample.Store, false);

    private static string Fault(Action work) => Assert.Throws<NixStoreException>(work).ErrorId;

    private string State() => Command.Run("find", Place, "-printf", "%P %i %m %T@ %l\\n");
}
