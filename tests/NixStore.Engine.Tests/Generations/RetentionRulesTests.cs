using NixStore.Engine.Generations;

namespace NixStore.Engine.Tests.Generations;

public sealed class RetentionRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Older_than_keeps_the_one_that_was_active_then()
        => Assert.Equal([2, 1], Removed(new() { OlderThan = s_now.AddDays(-14) }, 5, (1, 40), (2, 30), (3, 20), (4, 10), (5, 1)));

    [Fact]
    public void Older_than_removes_nothing_when_only_one_is_old()
        => Assert.Empty(Removed(new() { OlderThan = s_now.AddDays(-14) }, 2, (1, 20), (2, 10)));

    [Fact]
    public void Older_than_counts_whole_seconds_and_not_those_of_the_moment_itself()
    {
        var cutOff = s_now.AddDays(-14);
        var generations = new[] { At(1, cutOff.AddDays(-1)), At(2, cutOff.AddSeconds(-1)), At(3, cutOff.AddTicks(5)), At(4, s_now, current: true) };
        Assert.Equal([1], new RetentionRules { OlderThan = cutOff.AddTicks(9) }.Choose("/p", generations).Removable.Select(generation => generation.Number));
    }

    [Fact]
    public void Older_than_keeps_what_is_young_although_its_number_is_low()
        => Assert.Equal([3, 1], Removed(new() { OlderThan = s_now.AddDays(-14) }, 5, (1, 50), (2, 3), (3, 40), (4, 30), (5, 1)));

    [Fact]
    public void The_current_one_stays_wherever_it_is()
        => Assert.Equal([3, 1], Removed(new() { OlderThan = s_now.AddDays(-14) }, 2, (1, 50), (2, 45), (3, 40), (4, 30), (5, 1)));

    [Theory]
    [InlineData(1, new long[] { 2, 1 })]
    [InlineData(2, new long[] { 1 })]
    [InlineData(3, new long[0])]
    [InlineData(99, new long[0])]
    public void Keep_last_counts_down_from_the_current_one(int count, long[] removed)
        => Assert.Equal(removed, Removed(new() { KeepLast = count }, 3, (1, 50), (2, 45), (3, 40), (4, 30), (5, 1)));

    [Fact]
    public void Days_without_a_generation_do_not_count()
        => Assert.Equal([3, 1], Removed(new() { KeepDaily = 3 }, 5, (1, 50.2), (2, 50.1), (3, 40.1), (4, 40), (5, 1)));

    [Fact]
    public void Weeks_begin_on_monday_and_go_over_the_turn_of_the_year()
    {
        // 29 December 2025 and 4 January 2026 are in one week, 5 January is in the next.
        var generations = new[] { At(1, Day(2025, 12, 29)), At(2, Day(2026, 1, 4)), At(3, Day(2026, 1, 5)), At(4, Day(2026, 1, 5), current: true) };
        Assert.Equal([3, 1], Choose(new() { KeepWeekly = 2, TimeZone = TimeZoneInfo.Utc }, generations));
    }

    [Fact]
    public void Months_keep_their_newest()
    {
        var generations = new[] { At(1, Day(2025, 12, 1)), At(2, Day(2025, 12, 31)), At(3, Day(2026, 1, 1)), At(4, Day(2026, 2, 1)), At(5, Day(2026, 2, 3), current: true) };
        Assert.Equal([4, 1], Choose(new() { KeepMonthly = 3, TimeZone = TimeZoneInfo.Utc }, generations));
        Assert.Equal([4, 2, 1], Choose(new() { KeepMonthly = 2, TimeZone = TimeZoneInfo.Utc }, generations));
    }

    [Fact]
    public void Days_begin_where_the_machine_is()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(5), "test", "test");
        var generations = new[] { At(1, Day(2026, 1, 1).AddHours(18)), At(2, Day(2026, 1, 1).AddHours(20)), At(3, Day(2026, 1, 1).AddHours(23), current: true) };
        Assert.Equal([2], Choose(new() { KeepDaily = 9, TimeZone = zone }, generations));
    }

    [Fact]
    public void What_any_rule_keeps_stays()
    {
        (long, double)[] generations = [(1, 400), (2, 100), (3, 60), (4, 30), (5, 20), (6, 10), (7, 1)];
        Assert.Equal([5, 4, 3, 2, 1], Removed(new() { KeepLast = 2 }, 7, generations));
        Assert.Equal([4, 3, 2, 1], Removed(new() { KeepLast = 2, OlderThan = s_now.AddDays(-14) }, 7, generations));
        Assert.Equal([3, 2, 1], Removed(new() { KeepLast = 2, OlderThan = s_now.AddDays(-14), KeepDaily = 4 }, 7, generations));
    }

    [Fact]
    public void A_rule_must_know_the_current_one()
        => Assert.Equal("CurrentGenerationUnknown", Assert.Throws<NixStoreException>(() => new RetentionRules { KeepLast = 1 }.Choose("/p", [At(1, s_now)])).ErrorId);

    [Fact]
    public void Nothing_is_removed_of_nothing() => Assert.Empty(new RetentionRules { KeepLast = 1 }.Choose("/p", []).Removable);

    [Fact]
    public void What_is_booted_or_runs_is_kept_by_rules_and_refused_by_number()
    {
        var booted = At(1, s_now) with { IsBooted = true, IsInUse = true };
        var runs = At(2, s_now) with { IsInUse = true };
        StoreGeneration[] generations = [booted, runs, At(3, s_now), At(4, s_now, current: true)];
        Assert.Equal([3], new RetentionRules { KeepLast = 1 }.Choose("/p", generations).Removable.Select(generation => generation.Number));

        var choice = new NamedGenerations([1, 2, 3, 4, 9], mayBeAbsent: false).Choose("/p", generations);
        Assert.Equal([3], choice.Removable.Select(generation => generation.Number));
        Assert.Equal(["GenerationInUse", "GenerationInUse", "GenerationInUse", "GenerationNotFound"], choice.Errors.Select(error => error.ErrorId));
        Assert.Equal(3, new NamedGenerations([1, 2, 3, 4, 9], mayBeAbsent: true).Choose("/p", generations).Errors.Count);
    }

    [Theory]
    [InlineData("0d")]
    [InlineData("-1d")]
    [InlineData("d")]
    [InlineData("1.5d")]
    [InlineData("900000d")]
    [InlineData("+0")]
    [InlineData("+")]
    [InlineData("5+")]
    [InlineData("new")]
    [InlineData("")]
    [InlineData("1 2")]
    public void A_wrong_specification_is_refused(string word)
        => Assert.Equal("InvalidGenerationSpecification", Assert.Throws<NixStoreException>(() => GenerationSpecification.Parse([word], s_now)).ErrorId);

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);

    private static IEnumerable<long> Removed(RetentionRules rules, long current, params (long Number, double DaysAgo)[] generations)
        => Choose(rules with { TimeZone = TimeZoneInfo.Utc },
            [.. generations.Select(generation => At(generation.Number, s_now.AddDays(-generation.DaysAgo), generation.Number == current))]);

    private static IEnumerable<long> Choose(RetentionRules rules, StoreGeneration[] generations)
        => rules.Choose("/p", generations).Removable.Select(generation => generation.Number);

    private static StoreGeneration At(long number, DateTimeOffset time, bool current = false) => new()
    {
        Store = "local",
        Profile = "/p",
        ProfileName = "p",
        Kind = StoreProfileKind.Other,
        Number = number,
        Link = $"/p-{number}-link",
        CreationTime = time,
        IsCurrent = current,
        IsInUse = current,
    };
}
