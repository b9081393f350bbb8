using NixStore.Engine.Database;
using NixStore.Engine.Ledger;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Ledger;

/// <summary>What is due, and in which order.</summary>
public sealed class ScrubScheduleTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c", "d", "e");
    private readonly SteppingClock _clock = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Without_a_ledger_all_is_due_by_path()
        => Assert.Equal(new[] { "a", "b", "c", "d", "e" }.OrderBy(name => _store.Full(name), StringComparer.Ordinal), Due(null, 30));

    [Fact]
    public void Oldest_first_and_those_never_read_before_all()
    {
        Record(1, "a");
        Record(3, "b");
        Record(2, "d");
        Record(4, "e");

        Assert.Equal(["c", "a", "d", "b", "e"], Due(null, 0));
        Assert.Equal(["c", "a", "d"], Due(null, 3, now: 5));
        Assert.Equal(["c"], Due(null, 30, now: 5));
    }

    [Fact]
    public void What_was_broken_or_changed_comes_first()
    {
        Record(1, "a", "b");
        Record(2, "c", "d", "e");
        using (var ledger = VerificationLedger.Open(_store.Location, At(3)))
        {
            ledger.RecordBroken(SmallStore.PathOf("e"));
        }

        FileClock.WaitForNext();
        Command.Run("touch", "-d", "@1", _store.Location.RealPathOf(SmallStore.PathOf("d")));

        Assert.Equal(["d", "e"], Due(null, 30, now: 4));
        Assert.Equal(["e", "a", "b"], Due(null, 2, now: 3).Where(name => name != "d").OrderBy(name => name == "e" ? "" : name));
    }

    [Fact]
    public void What_is_registered_with_another_hash_now_is_due()
    {
        Record(1, "a", "b", "c", "d", "e");
        _store.Sql($"update ValidPaths set hash = 'sha256:{new string('0', 63)}1' where path = '{_store.Full("b")}'");

        Assert.Equal(["b"], Due(null, 30, now: 2));
    }

    [Fact]
    public void What_is_missing_is_due()
    {
        Record(1, "a", "b", "c", "d", "e");
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("c")));

        Assert.Equal(["c"], Due(null, 30, now: 2));
    }

    [Fact]
    public void Looking_for_changes_takes_a_quarter_of_the_time_at_most()
    {
        Record(1, "a", "b", "c", "d", "e");

        // A second for each question: the quarter is over when the third is asked.
        var schedule = Make(new SteppingClock { Now = At(2).Now, Step = TimeSpan.FromSeconds(1) }, TimeSpan.FromSeconds(12), 30);

        Assert.Equal((0, 3), (schedule.Due.Count, schedule.Unlooked));
    }

    private static SteppingClock At(int day) => new() { Now = new DateTimeOffset(2026, 1, day, 0, 0, 0, TimeSpan.Zero) };

    private void Record(int day, params string[] names)
    {
        using var ledger = VerificationLedger.Open(_store.Location, At(day));
        foreach (var name in names)
        {
            var (record, hash) = Recorded.ByReading(_store.Location, SmallStore.PathOf(name));
            ledger.RecordIntact(SmallStore.PathOf(name), hash.Hash, record);
        }
    }

    private IEnumerable<string> Due(TimeSpan? budget, int maximumDays, int now = 5)
    {
        _clock.Now = At(now).Now;
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return [.. Make(_clock, budget, maximumDays).Due.Select(path => _store.Location.Directory.Parse(database.Find(path.Row)!.Path).Name)];
    }

    private ScrubSchedule Make(SteppingClock clock, TimeSpan? budget, int maximumDays)
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        using var ledger = VerificationLedger.TryOpenForReading(_store.Location, clock);
        return ScrubSchedule.Make(
            database, ledger, clock.Now.AddDays(-maximumDays), clock, budget, 1, (_, _) => { }, CancellationToken.None);
    }
}
