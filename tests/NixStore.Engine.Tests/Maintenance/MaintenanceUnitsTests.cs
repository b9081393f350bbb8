using NixStore.Engine.Maintenance;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

public sealed class MaintenanceUnitsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<StoreMaintenanceTask> Tasks => [.. Enum.GetValues<StoreMaintenanceTask>()];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_service_is_what_it_should_be()
    {
        var text = Sample.Service(Sample.Task(StoreMaintenanceTask.Verify));
        Assert.StartsWith(
            """
            # Made by NixStore: Register-StoreMaintenance
            # Register it again with -Force to change it. Unregister-StoreMaintenance leaves alone what was changed by hand.
            [Unit]
            Description=NixStore: verify the contents of local?root=/somewhere
            RequiresMountsFor=/somewhere/nix/store /somewhere/nix/var/nix

            [Service]
            Type=oneshot
            ExecStart=/opt/nixstore/nixstore verify --invalid --budget 1h --max-age 30d --store "local?root=/somewhere" --json
            Environment=HOME=%h
            StandardOutput=journal
            StandardError=journal
            SyslogIdentifier=nixstore
            Nice=19
            CPUWeight=20
            IOWeight=20
            IOSchedulingClass=idle
            ProtectSystem=full
            ProtectClock=true

            """, text, StringComparison.Ordinal);
        Assert.Contains(
            """

            [X-NixStore]
            X-NixStore-Task="Verify"
            X-NixStore-Store="local?root=/somewhere"
            X-NixStore-Schedule="daily"
            X-NixStore-RandomizedDelay="1h"
            X-NixStore-Executable="/opt/nixstore/nixstore"
            X-NixStore-IOSchedulingClass="Idle"
            X-NixStore-Budget="1h"
            X-NixStore-MaxAge="30d"
            X-NixStore-Digest=
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timer_is_what_it_should_be()
    {
        var text = Sample.Timer(Sample.Task(StoreMaintenanceTask.Collect) with { Schedule = "Mon *-*-* 03:15", RandomizedDelay = TimeSpan.FromMinutes(90) });
        Assert.Contains(
            """
            [Unit]
            Description=NixStore: collect the garbage of local?root=/somewhere

            [Timer]
            OnCalendar=Mon *-*-* 03:15
            RandomizedDelaySec=1h 30min
            Persistent=true

            [Install]
            WantedBy=timers.target

            """, text, StringComparison.Ordinal);
        Assert.False(SealedText.Read(text)!.IsChanged);
    }

    [Theory]
    [InlineData(StoreMaintenanceTask.Verify, "idle", null)]
    [InlineData(StoreMaintenanceTask.Collect, "best-effort", "7")]
    [InlineData(StoreMaintenanceTask.Optimise, "best-effort", "7")]
    [InlineData(StoreMaintenanceTask.Backup, "best-effort", "7")]
    public void What_holds_a_lock_does_not_wait_for_an_idle_disk(StoreMaintenanceTask task, string expected, string? priority)
    {
        var text = Sample.Service(Sample.Task(task));
        Assert.Equal(expected, SystemdLine.Setting(text, "IOSchedulingClass"));
        Assert.Equal(priority is not null, text.Contains($"\nIOSchedulingPriority={priority}\n", StringComparison.Ordinal));
    }

    /// <summary>Roots are in homes, temporary directories and processes: a collection that cannot see them deletes what they keep.</summary>
    [Theory]
    [MemberData(nameof(Tasks))]
    public void Nothing_hides_a_root_or_makes_the_store_a_mount_of_its_own(StoreMaintenanceTask task)
    {
        var text = Sample.Service(Sample.Task(task));
        Assert.DoesNotMatch("(?m)^(PrivateTmp|PrivateUsers|PrivatePIDs|PrivateMounts|ProtectHome|ProtectProc|ProcSubset|RootDirectory|RootImage|TemporaryFileSystem|InaccessiblePaths"
            + "|ReadWritePaths|ReadOnlyPaths|BindPaths|DynamicUser|User|RestrictNamespaces|CapabilityBoundingSet|SystemCallFilter|MemoryDenyWriteExecute|ProtectSystem=strict)", text);
        Assert.Contains("\nNoNewPrivileges=true\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local?root=/usr/local/image", null)]
    [InlineData("local?state=/etc/nix/state", null)]
    [InlineData("local?root=/usrlocal", "full")]
    public void A_store_in_a_protected_place_stays_writable(string url, string? expected)
    {
        var store = StoreLocator.Locate(url);
        var text = Sample.Service(Sample.Task(StoreMaintenanceTask.Collect) with { Store = store.Url }, store);
        Assert.Equal(expected is not null, text.Contains("\nProtectSystem=full\n", StringComparison.Ordinal));
    }

    [Fact]
    public void A_collection_is_told_its_policy()
    {
        var task = Sample.Full(StoreMaintenanceTask.Collect, StoreMaintenanceFormat.Systemd) with { Module = null };
        Assert.Equal(
            ["/opt/nixstore/nixstore", "gc", "--delete-older-than", "2026-01-31 10:00", "--keep-generations", "5", "--unused-for", "2w", "--registered-before", "3d",
                "--max-freed", "1099511627776", "--ensure-free", "5000000000", "--trash", "--store", "local?root=/somewhere", "--json"],
            SystemdLine.Split(SystemdLine.Setting(Sample.Service(task), "ExecStart")));
    }

    [Fact]
    public void A_backup_without_rules_gets_some()
        => Assert.Equal(["/opt/nixstore/nixstore", "backup", "--keep-daily", "7", "--keep-weekly", "4", "--store", "local?root=/somewhere", "--json"],
            SystemdLine.Split(SystemdLine.Setting(Sample.Service(Sample.Task(StoreMaintenanceTask.Backup)), "ExecStart")));

    [Fact]
    public void Every_name_reaches_the_program_as_it_is()
    {
        foreach (var name in Sample.WeirdNames)
        {
            var task = Sample.Task(StoreMaintenanceTask.Backup) with { Executable = $"/opt/{name}/nixstore", Destination = $"/mnt/back\\slash{name}" };
            var words = SystemdLine.Split(SystemdLine.Setting(Sample.Service(task), "ExecStart"));
            Assert.Equal([task.Executable, "backup", "--destination", task.Destination], words.Take(4));
            Assert.Equal(11, words.Count);
            Assert.Equal(task.Destination, SystemdLine.Split("x " + SystemdLine.Setting(Sample.Service(task), "RequiresMountsFor").Replace("$", "$$", StringComparison.Ordinal))[^1]);
        }
    }

    [Fact]
    public void PowerShell_gets_the_same_strings()
    {
        foreach (var name in Sample.WeirdNames)
        {
            var task = Sample.Task(StoreMaintenanceTask.Backup) with { Executable = "/usr/bin/pwsh", Module = $"/opt/{name}/NixStore.psd1", Destination = $"/mnt/{name}" };
            var words = SystemdLine.Split(SystemdLine.Setting(Sample.Service(task), "ExecStart"));
            Assert.Equal(["/usr/bin/pwsh", "-NoProfile", "-NonInteractive", "-Command"], words.Take(4));
            Assert.Equal(
                $"Import-Module {MaintenanceScript.Quote(task.Module)} -ErrorAction Stop; & {{ Backup-StoreDatabase -Store 'local?root=/somewhere' "
                + $"-Destination {MaintenanceScript.Quote(task.Destination)} -KeepDaily 7 -KeepWeekly 4 -Confirm:$false }} "
                + "| ForEach-Object { ConvertTo-Json -InputObject $_ -Compress -EnumsAsStrings -Depth 4 }; exit [int]($found -or $Error.Count -gt 0)", words[4]);
        }
    }

    [SkippableFact]
    public void Systemd_finds_nothing_to_complain_of()
    {
        Skip.IfNot(Command.Exists("systemd-analyze"), "SYSTEMD MISSING: there is no systemd-analyze on the PATH");
        var place = Directory.CreateDirectory(_directory["a \"b\" 'c' %d ;"]).FullName;
        File.WriteAllText($"{place}/nixstore", "#!/bin/sh\n");
        File.SetUnixFileMode($"{place}/nixstore", (UnixFileMode)0x1ED);
        foreach (var kind in Enum.GetValues<StoreMaintenanceTask>())
        {
            var task = Sample.Full(kind, StoreMaintenanceFormat.Systemd) with { Executable = $"{place}/nixstore", Schedule = "Mon..Fri *-*-1,15 03:15 Europe/Berlin" };
            foreach (var file in MaintenanceFiles.Of(task, Sample.Store))
            {
                File.WriteAllText(_directory[file.Name], file.Text);
            }

            var run = Command.Try(new Dictionary<string, string>(), "systemd-analyze", ["verify", .. MaintenanceFiles.Of(task, Sample.Store).Select(file => _directory[file.Name])]);
            Assert.Equal("", run.Error + run.Output);
            Assert.Equal(0, run.ExitCode);
        }
    }
}
