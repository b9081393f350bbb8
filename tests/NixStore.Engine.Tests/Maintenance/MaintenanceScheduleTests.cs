using NixStore.Engine.Maintenance;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Maintenance;

public sealed class MaintenanceScheduleTests
{
    [Theory]
    [InlineData("daily")]
    [InlineData("Mon *-*-* 03:15")]
    [InlineData("Mon..Fri *-*-1,15 03:15:00 Europe/Berlin")]
    [InlineData("*-02~03 00/2:10")]
    public void Calendar_events_are_taken(string schedule) => MaintenanceSchedule.Require(schedule, StoreMaintenanceFormat.Systemd);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("daily\nExecStart=/bin/sh")]
    [InlineData("daily\rx")]
    [InlineData("daily\u2028x")]
    [InlineData("daily\u0085x")]
    [InlineData("da%nily")]
    [InlineData("\"daily\"")]
    [InlineData("daily\\")]
    [InlineData("daily ; x")]
    [InlineData("${x}")]
    public void What_would_spoil_a_unit_is_refused(string schedule)
    {
        foreach (var format in (StoreMaintenanceFormat[])[StoreMaintenanceFormat.Systemd, StoreMaintenanceFormat.NixOS, StoreMaintenanceFormat.Cron])
        {
            Assert.Equal("ScheduleInvalid", Assert.Throws<NixStoreException>(() => MaintenanceSchedule.Require(schedule, format)).ErrorId);
        }
    }

    [SkippableTheory]
    [InlineData("sometimes")]
    [InlineData("25:00")]
    [InlineData("0 3 * * 1")]
    public void What_systemd_does_not_know_is_refused_where_it_can_be_asked(string schedule)
    {
        Skip.IfNot(Command.Exists("systemd-analyze"), "SYSTEMD MISSING: there is no systemd-analyze on the PATH");
        var error = Assert.Throws<NixStoreException>(() => MaintenanceSchedule.Require(schedule, StoreMaintenanceFormat.Systemd));
        Assert.Equal("ScheduleInvalid", error.ErrorId);
        Assert.StartsWith("systemd says: ", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hourly", "0 * * * *")]
    [InlineData("daily", "0 0 * * *")]
    [InlineData("weekly", "0 0 * * 1")]
    [InlineData("monthly", "0 0 1 * *")]
    [InlineData("15 3 * * 1", "15 3 * * 1")]
    [InlineData(" */5\t1-3,5 * jan mon ", "*/5 1-3,5 * jan mon")]
    [InlineData("@reboot", "@reboot")]
    public void Cron_gets_its_fields(string schedule, string expected) => Assert.Equal(expected, MaintenanceSchedule.ToCron(schedule));

    [Theory]
    [InlineData("yearly")]
    [InlineData("* * * *")]
    [InlineData("* * * * * root")]
    [InlineData("@")]
    [InlineData("@daily root id;")]
    [InlineData("0 0 * * $x")]
    [InlineData("Mon *-*-* 03:15")]
    public void Cron_gets_nothing_else(string schedule)
        => Assert.Equal("ScheduleInvalid", Assert.Throws<NixStoreException>(() => MaintenanceSchedule.ToCron(schedule)).ErrorId);

    [Theory]
    [InlineData("verify", true)]
    [InlineData("Nightly_2-x", true)]
    [InlineData("", false)]
    [InlineData("-x", false)]
    [InlineData("a.b", false)]
    [InlineData("a/b", false)]
    [InlineData("../x", false)]
    [InlineData("a b", false)]
    [InlineData("a\nb", false)]
    [InlineData("ä", false)]
    [InlineData("a@b", false)]
    public void Names_are_names_to_systemd_and_to_cron(string name, bool expected)
    {
        Assert.Equal(expected, MaintenanceName.IsValid(name));
        if (!expected)
        {
            Assert.Equal("MaintenanceInvalid", Fault(Sample.Task(StoreMaintenanceTask.Verify) with { Name = name }));
        }
    }

    [Fact]
    public void A_name_has_an_end()
    {
        Assert.True(MaintenanceName.IsValid(new string('x', 64)));
        Assert.False(MaintenanceName.IsValid(new string('x', 65)));
    }

    [Fact]
    public void No_line_feed_gets_into_a_file()
    {
        const string evil = "/x\nExecStartPre=/bin/id";
        var task = Sample.Task(StoreMaintenanceTask.Backup);
        Assert.Equal("MaintenanceInvalid", Fault(task with { Executable = evil }));
        Assert.Equal("MaintenanceInvalid", Fault(task with { Module = evil }));
        Assert.Equal("MaintenanceInvalid", Fault(task with { Destination = evil }));
        Assert.Equal("MaintenanceInvalid", Fault(task with { Store = evil }));
        Assert.Equal("MaintenanceInvalid", Fault(task with { Executable = "/x\ud800" }));
        Assert.Equal("MaintenanceInvalid", Fault(task with { Executable = "relative/nixstore" }));
        Assert.Equal("MaintenanceInvalid", Fault(task, Sample.Store with { RealDirectory = evil }));
        Assert.Equal("MaintenanceInvalid", Fault(task, Sample.Store with { StateDirectory = evil }));
    }

    /// <summary>A URL escapes what is odd; the percent signs are escaped once more.</summary>
    [Fact]
    public void A_store_with_a_line_feed_in_its_name_is_one_word_and_still_refused()
    {
        var store = StoreLocator.Locate("local?store=/nix/store&real=/x%0AExecStart=/bin/id");
        Assert.DoesNotContain("\n", store.Url, StringComparison.Ordinal);
        Assert.Equal("MaintenanceInvalid", Fault(Sample.Task(StoreMaintenanceTask.Verify) with { Store = store.Url }, store));
    }

    private static string Fault(StoreMaintenance task, StoreLocation? store = null)
        => Assert.Throws<NixStoreException>(() => MaintenanceRegistry.Require(task, store ?? Sample.Store)).ErrorId;
}
