using NixStore.Engine.Backups;
using NixStore.Engine.Generations;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Backups;

public sealed class BackupRotationTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly StoreLocation s_store = StoreLocator.Locate("local?root=/somewhere");

    [Fact]
    public void Without_rules_nothing_goes() => Assert.Empty(Choose(new(), Days(1, 2, 3)));

    [Fact]
    public void The_new_one_counts_as_one_of_the_last() => Assert.Equal([2, 3], Choose(new() { KeepLast = 2 }, Days(3, 1, 2)));

    [Fact]
    public void The_newest_of_each_day_is_kept()
        => Assert.Equal([0.25, 1.25], Choose(new() { KeepDaily = 2, TimeZone = TimeZoneInfo.Utc }, Days(0.25, 1, 1.25)));

    [Fact]
    public void The_newest_of_each_week_is_kept()
        => Assert.Equal([1, 2, 8, 15], Choose(new() { KeepWeekly = 2, TimeZone = TimeZoneInfo.Utc }, Days(1, 2, 7, 8, 15)));

    [Fact]
    public void The_new_one_stays_even_when_others_seem_to_be_newer() => Assert.Empty(Choose(new() { KeepLast = 1 }, Days(-1, -2)));

    [Fact]
    public void Backups_of_other_stores_and_machines_and_of_damaged_databases_stay()
    {
        StoreDatabaseBackup[] others =
        [
            Backup(1) with { Store = "local" }, Backup(2) with { Host = "another" }, Backup(3) with { StoreDirectory = "/gnu/store" },
            Backup(4) with { Findings = ["damaged"] },
        ];

        Assert.Empty(Choose(new() { KeepLast = 1 }, others));
    }

    [Fact]
    public void A_backup_of_a_damaged_database_makes_no_room_for_itself()
        => Assert.Empty(BackupRotation.Choose(s_store, Backup(0) with { Findings = ["damaged"] }, Days(1, 2), new RetentionRules { KeepLast = 1 }));

    [Fact]
    public void The_new_one_may_be_among_the_others() => Assert.Equal([1], Choose(new() { KeepLast = 1 }, Days(0, 1)));

    private static StoreDatabaseBackup[] Days(params double[] ago) => Array.ConvertAll(ago, Backup);

    private static IEnumerable<double> Choose(RetentionRules rules, StoreDatabaseBackup[] others)
        => BackupRotation.Choose(s_store, Backup(0), others, rules).Select(backup => (s_now - backup.Created).TotalDays);

    private static StoreDatabaseBackup Backup(double daysAgo) => new()
    {
        Store = s_store.Url,
        Path = $"/backups/{daysAgo}",
        Id = $"{daysAgo}",
        Created = s_now.AddDays(-daysAgo),
        Host = Environment.MachineName,
        StoreDirectory = "/nix/store",
        Rows = 1,
        Size = 1,
        DatabaseSize = 1,
        Digest = "",
    };
}
