using System.Text;
using System.Text.RegularExpressions;
using NixStore.Engine.Maintenance;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

public sealed partial class CronTableTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_table_is_what_it_should_be()
    {
        var text = CronTable.Of(Sample.Task(StoreMaintenanceTask.Verify, StoreMaintenanceFormat.Cron));
        Assert.StartsWith("# Made by NixStore: Register-StoreMaintenance\n# Register", text, StringComparison.Ordinal);
        Assert.Contains("# X-NixStore-Budget=\"1h\"\n", text, StringComparison.Ordinal);
        Assert.Contains(
            """
            SHELL=/bin/sh
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            0 0 * * * root sleep "$(shuf -n 1 -i 0-3600)"; { nice -n 19 ionice -c 3 /opt/nixstore/nixstore verify --invalid --budget 1h --max-age 30d --store 'local?root=/somewhere' --json; echo '{"maintenance":"verify","task":"Verify","exitCode":'$?'}'; } 2>&1 | logger -t nixstore --size 16KiB
            # X-NixStore-Digest=
            """, text, StringComparison.Ordinal);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.False(SealedText.Read(text)!.IsChanged);
    }

    [Fact]
    public void Every_name_reaches_the_program_as_it_is()
    {
        foreach (var name in Sample.WeirdNames.Where(name => name != "plain"))
        {
            var place = Directory.CreateDirectory(_directory[name]).FullName;
            var program = $"{place}/nixstore";
            Command.WriteProgram(program, $"#!/bin/sh\nprintf '%s\\0' \"$0\" \"$@\" > '{_directory["arguments"]}'\n");
            var task = Sample.Task(StoreMaintenanceTask.Backup, StoreMaintenanceFormat.Cron) with
            {
                Executable = program, Destination = $"/mnt/{name}", RandomizedDelay = TimeSpan.Zero,
            };

            var run = Command.Try(new Dictionary<string, string>(), "/bin/sh", "-c", CommandOf(CronTable.Of(task)));

            Assert.True(File.Exists(_directory["arguments"]), $"{name}: {run.Error}");
            Assert.Equal([program, "backup", "--destination", task.Destination, "--keep-daily", "7", "--keep-weekly", "4", "--store", task.Store, "--json", ""],
                Encoding.UTF8.GetString(File.ReadAllBytes(_directory["arguments"])).Split('\0'));
            File.Delete(_directory["arguments"]);
        }
    }

    [Fact]
    public void The_end_is_told_as_json()
    {
        var task = Sample.Task(StoreMaintenanceTask.Verify, StoreMaintenanceFormat.Cron) with { Executable = "/bin/false", RandomizedDelay = TimeSpan.FromSeconds(1) };
        var command = CommandOf(CronTable.Of(task)).Replace("| logger -t nixstore --size 16KiB", "| cat", StringComparison.Ordinal);
        Assert.Equal("{\"maintenance\":\"verify\",\"task\":\"Verify\",\"exitCode\":1}", Command.Run("/bin/sh", "-c", command));
    }

    [Fact]
    public void Backslashes_and_long_commands_are_refused()
    {
        var task = Sample.Task(StoreMaintenanceTask.Verify, StoreMaintenanceFormat.Cron);
        foreach (var path in (string[])["/opt/back\\slash", "/" + new string('x', 900)])
        {
            Assert.Equal("MaintenanceInvalid", Assert.Throws<NixStoreException>(() => CronTable.Of(task with { Executable = path })).ErrorId);
        }
    }

    /// <summary>The command as cron hands it to the shell: the rest of the line, up to a percent sign that has no backslash before it.</summary>
    private static string CommandOf(string table)
    {
        var command = Assert.Single(table.Split('\n'), line => line.Contains(" root ", StringComparison.Ordinal)).Split(" root ", 2)[1];
        Assert.DoesNotMatch(@"(?<!\\)%", command);
        Assert.DoesNotMatch(@"\\(?!%)", command);
        return EscapedPercent().Replace(command, "%");
    }

    [GeneratedRegex(@"\\%")]
    private static partial Regex EscapedPercent();
}
