using NixStore.Engine.Ledger;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Ledger;

/// <summary>The ledger as a file: what it keeps, what survives, what becomes of a damaged one.</summary>
public sealed class VerificationLedgerTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");
    private readonly SteppingClock _clock = new();

    private string LedgerPath => LedgerFile.PathOf(_store.Location);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void What_was_recorded_is_found_again()
    {
        Record("a", "b");
        _clock.Now += TimeSpan.FromDays(1);
        using var ledger = VerificationLedger.Open(_store.Location, _clock);

        var entry = ledger.Find(SmallStore.PathOf("a"))!;
        Assert.Equal((1767225600L, 1767225600L, false), (entry.Looked, entry.Intact!.Value, entry.IsBroken));
        Assert.True(entry.IsOf(Recorded.ByReading(_store.Location, SmallStore.PathOf("a")).Hash.Hash));
        Assert.False(entry.IsOf(Recorded.ByReading(_store.Location, SmallStore.PathOf("b")).Hash.Hash));
        Assert.False(entry.IsOf(null));
        Assert.Null(ledger.Find(SmallStore.PathOf("c")));
        Assert.Null(ledger.FindFiles(SmallStore.PathOf("c")));
        Assert.True(TreeComparison.IsUntouched(ledger.FindFiles(SmallStore.PathOf("b"))!, Recorded.ByLooking(_store.Location, SmallStore.PathOf("b"))));
        Assert.False(ledger.WasDamaged);
    }

    [Fact]
    public void Of_a_broken_path_it_keeps_what_it_was_when_it_was_intact()
    {
        Record("a");
        _clock.Now += TimeSpan.FromDays(1);
        using (var ledger = VerificationLedger.Open(_store.Location, _clock))
        {
            ledger.RecordBroken(SmallStore.PathOf("a"));
            ledger.RecordBroken(SmallStore.PathOf("b"));
        }

        using var again = VerificationLedger.Open(_store.Location, _clock);
        var entry = again.Find(SmallStore.PathOf("a"))!;
        Assert.Equal((1767312000L, 1767225600L, true), (entry.Looked, entry.Intact!.Value, entry.IsBroken));
        Assert.NotNull(again.FindFiles(SmallStore.PathOf("a")));
        Assert.Equal(new LedgerEntry(1767312000, null, true, null), again.Find(SmallStore.PathOf("b")));
        Assert.Null(again.FindFiles(SmallStore.PathOf("b")));

        RecordIn(again, "a");
        again.Flush();
        Assert.False(again.Find(SmallStore.PathOf("a"))!.IsBroken);
    }

    [Fact]
    public void It_forgets_what_the_store_has_not_any_more()
    {
        Record("a", "b", "c");
        using var ledger = VerificationLedger.Open(_store.Location, _clock);

        Assert.Equal(2, ledger.Prune(name => name == SmallStore.PathOf("b").BaseName, CancellationToken.None));

        Assert.Null(ledger.Find(SmallStore.PathOf("a")));
        Assert.NotNull(ledger.Find(SmallStore.PathOf("b")));
        Assert.Equal(0, ledger.Prune(_ => true, CancellationToken.None));
    }

    [Fact]
    public void What_a_killed_process_leaves_has_all_that_was_written()
    {
        // The files as they are while the ledger is open, which is what a kill leaves.
        using var victim = new SmallStore("a", "b", "c");
        using var ledger = VerificationLedger.Open(victim.Location, _clock);
        RecordIn(ledger, "a", "b");
        ledger.Flush();
        Directory.CreateDirectory(Path.GetDirectoryName(LedgerPath)!);
        foreach (var suffix in new[] { "", "-wal" })
        {
            Command.Run("cp", LedgerFile.PathOf(victim.Location) + suffix, LedgerPath + suffix);
        }

        using (var reading = VerificationLedger.TryOpenForReading(_store.Location, _clock)!)
        {
            Assert.NotNull(reading.Find(SmallStore.PathOf("b")));
            Assert.False(reading.IsRecording);
        }

        using var again = VerificationLedger.Open(_store.Location, _clock);
        Assert.False(again.WasDamaged);
        Assert.NotNull(again.Find(SmallStore.PathOf("a")));
        Assert.NotNull(again.Find(SmallStore.PathOf("b")));
    }

    [Fact]
    public void It_is_written_without_being_asked_to_after_a_while()
    {
        using var ledger = VerificationLedger.Open(_store.Location, _clock);
        RecordIn(ledger, "a");

        Assert.True(SpinWait.SpinUntil(() => ledger.Find(SmallStore.PathOf("a")) is not null, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Only_its_owner_may_write_to_it()
    {
        Record("a");

        Assert.Equal("644", Command.Run("stat", "-c", "%a", LedgerPath));
    }

    [Theory]
    [InlineData("head -c 5000 /dev/urandom > \"$0\"")]
    [InlineData("printf x | dd of=\"$0\" bs=1 seek=4200 conv=notrunc status=none; head -c 4000 /dev/zero | dd of=\"$0\" bs=1 seek=4096 conv=notrunc status=none")]
    [InlineData("truncate -s 6000 \"$0\"")]
    [InlineData("rm \"$0\"; sqlite3 \"$0\" 'create table Others(x); pragma user_version = 1'")]
    [InlineData("sqlite3 \"$0\" 'pragma user_version = 2'")]
    public void A_damaged_one_is_set_aside_and_begun_anew(string damage)
    {
        Record("a", "b", "c");
        Command.Run("/bin/bash", "-euc", damage, LedgerPath);

        using (var ledger = VerificationLedger.Open(_store.Location, _clock))
        {
            RecordIn(ledger, "a");
            ledger.Flush();
            Assert.Null(ledger.Failure);
            Assert.NotNull(ledger.Find(SmallStore.PathOf("a")));
            Assert.Null(ledger.Find(SmallStore.PathOf("b")));
            Assert.True(ledger.WasDamaged);
        }

        Assert.True(File.Exists(LedgerFile.AsidePathOf(_store.Location)));
        using var again = VerificationLedger.Open(_store.Location, _clock);
        Assert.False(again.WasDamaged);
        Assert.NotNull(again.Find(SmallStore.PathOf("a")));
    }

    [Fact]
    public void An_empty_file_is_a_new_ledger()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LedgerPath)!);
        File.WriteAllText(LedgerPath, "");

        Record("a");

        using var ledger = VerificationLedger.TryOpenForReading(_store.Location, _clock)!;
        Assert.NotNull(ledger.Find(SmallStore.PathOf("a")));
    }

    [Fact]
    public void Damaged_files_of_a_path_are_unknown_files()
    {
        Record("a");
        Command.Run("sqlite3", LedgerPath, "update Paths set files = x'ff00ff'");

        using var ledger = VerificationLedger.Open(_store.Location, _clock);
        Assert.NotNull(ledger.Find(SmallStore.PathOf("a")));
        Assert.Null(ledger.FindFiles(SmallStore.PathOf("a")));
    }

    [Fact]
    public void Reading_it_leaves_no_trace()
    {
        Assert.Null(VerificationLedger.TryOpenForReading(_store.Location, _clock));
        Record("a");
        var untouched = Untouched.Of(_store.Location);

        using (var ledger = VerificationLedger.TryOpenForReading(_store.Location, _clock)!)
        {
            Assert.NotNull(ledger.Find(SmallStore.PathOf("a")));
            RecordIn(ledger, "b");
            ledger.Flush();
            Assert.Null(ledger.Find(SmallStore.PathOf("b")));
        }

        untouched.Verify();
    }

    [Fact]
    public void A_damaged_one_cannot_be_read()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LedgerPath)!);
        File.WriteAllText(LedgerPath, new string('x', 9000));

        Assert.ThrowsAny<NixStoreException>(() => VerificationLedger.TryOpenForReading(_store.Location, _clock));
    }

    [Fact]
    public void Where_there_can_be_none_there_is_an_error()
    {
        File.WriteAllText($"{_store.Location.StateDirectory}/nixstore", "in the way");

        Assert.ThrowsAny<NixStoreException>(() => VerificationLedger.Open(_store.Location, _clock));
    }

    [Fact]
    public void Two_may_record_at_once()
    {
        using var one = VerificationLedger.Open(_store.Location, _clock);
        using var other = VerificationLedger.Open(_store.Location, _clock);
        Parallel.For(0, 200, i =>
        {
            var ledger = i % 2 == 0 ? one : other;
            ledger.RecordBroken(SmallStore.PathOf($"p{i}"));
            ledger.Flush();
        });

        Assert.All(Enumerable.Range(0, 200), i => Assert.NotNull(one.Find(SmallStore.PathOf($"p{i}"))));
        Assert.Null(one.Failure);
        Assert.Null(other.Failure);
    }

    private void Record(params string[] names)
    {
        using var ledger = VerificationLedger.Open(_store.Location, _clock);
        RecordIn(ledger, names);
    }

    private void RecordIn(VerificationLedger ledger, params string[] names)
    {
        foreach (var name in names)
        {
            var (record, hash) = Recorded.ByReading(_store.Location, SmallStore.PathOf(name));
            ledger.RecordIntact(SmallStore.PathOf(name), hash.Hash, record);
        }
    }
}
