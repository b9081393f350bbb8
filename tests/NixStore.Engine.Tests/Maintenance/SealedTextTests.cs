using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Tests.Maintenance;

public sealed class SealedTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("# ")]
    public void What_is_written_is_known_again(string comment)
    {
        var text = SealedText.Make($"line\n{comment}{SealedText.Line("Name", "a \"b\" \\ =c ")}\n", comment);
        var read = SealedText.Read(text)!;
        Assert.False(read.IsChanged);
        Assert.Equal("a \"b\" \\ =c ", read.Parameters["Name"]);
    }

    [Fact]
    public void Every_change_shows()
    {
        var text = SealedText.Make("one\ntwo\n", "");
        for (var i = SealedText.Marker.Length + 1; i < text.Length; i++)
        {
            Assert.True(SealedText.Read(text.Remove(i, 1))!.IsChanged);
            Assert.True(SealedText.Read(text.Insert(i, "x"))!.IsChanged);
        }

        Assert.True(SealedText.Read(text + "more\n")!.IsChanged);
        Assert.True(SealedText.Read(SealedText.Marker + "\n")!.IsChanged);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[Unit]\nDescription=another's\n")]
    [InlineData("\n# Made by NixStore: Register-StoreMaintenance\n")]
    public void What_others_made_is_none_of_ours(string text) => Assert.Null(SealedText.Read(text));

    [Theory]
    [InlineData("\"")]
    [InlineData("a")]
    [InlineData("\"a")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\\"")]
    public void What_is_not_in_quotes_is_no_value(string text) => Assert.False(QuotedText.TryRead(text, out _));

    [Theory]
    [InlineData(StoreMaintenanceTask.Verify)]
    [InlineData(StoreMaintenanceTask.Collect)]
    [InlineData(StoreMaintenanceTask.Optimise)]
    [InlineData(StoreMaintenanceTask.Backup)]
    public void Parameters_come_back_exactly(StoreMaintenanceTask kind)
    {
        foreach (var task in (StoreMaintenance[])[Sample.Task(kind), Sample.Full(kind, StoreMaintenanceFormat.Systemd)])
        {
            var written = MaintenanceParameters.Write(task).ToList();
            var read = MaintenanceParameters.Read(task.Name, task.Format, written.ToDictionary(pair => pair.Name, pair => pair.Value))!;
            Assert.Equal(written, MaintenanceParameters.Write(read));

            // Ages are compared by what they say, as they are no records.
            Assert.Equal(WithoutAges(task), WithoutAges(read) with { Command = task.Command, Files = task.Files });
            Assert.Equal([$"{task.MaxAge}", $"{task.OlderThan}", $"{task.UnusedFor}", $"{task.RegisteredBefore}"],
                [$"{read.MaxAge}", $"{read.OlderThan}", $"{read.UnusedFor}", $"{read.RegisteredBefore}"]);
        }
    }

    [Fact]
    public void Every_parameter_is_written()
    {
        string[] state = ["Name", "Format", "Command", "Directory", "Files", "IsChanged", "IsEnabled", "NextRun", "LastRun", "LastResult", "LastExitCode"];
        var expected = typeof(StoreMaintenance).GetProperties().Select(property => property.Name).Except(state).Order();
        Assert.Equal(expected, MaintenanceParameters.Write(Sample.Full(StoreMaintenanceTask.Collect, StoreMaintenanceFormat.Cron)).Select(pair => pair.Name).Order());
    }

    [Theory]
    [InlineData("Task", "Destroy")]
    [InlineData("RandomizedDelay", "5")]
    [InlineData("IOPriority", "x")]
    [InlineData("MaxAge", "30")]
    public void Parameters_that_somebody_has_spoilt_are_not_read(string name, string value)
    {
        var values = MaintenanceParameters.Write(Sample.Task(StoreMaintenanceTask.Verify)).ToDictionary(pair => pair.Name, pair => pair.Value);
        values[name] = value;
        Assert.Null(MaintenanceParameters.Read("verify", StoreMaintenanceFormat.Systemd, values));
        values.Remove("Task");
        Assert.Null(MaintenanceParameters.Read("verify", StoreMaintenanceFormat.Systemd, values));
    }

    private static StoreMaintenance WithoutAges(StoreMaintenance task)
        => task with { MaxAge = null, OlderThan = null, UnusedFor = null, RegisteredBefore = null };
}
