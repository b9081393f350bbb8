using NixStore.Engine.Checkup;
using NixStore.Engine.Ledger;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Tests.Ledger;

namespace NixStore.Engine.Tests.Checkup;

/// <summary>Reading in portions: budget, resumption, and what the ledger makes known.</summary>
public sealed class ScrubTests : IDisposable
{
    private readonly TreeStore _store = new();
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public ScrubTests() => File.WriteAllText($"{_store.Location.StateDirectory}/db/reserved", "room");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void When_the_time_is_over_no_path_is_begun_and_the_next_run_goes_on()
    {
        for (var i = 0; i < 10; i++)
        {
            _store.Add($"path{i}", $"printf {i} > file");
        }

        // Each look at the clock takes a second: a path that is read costs two, and one that is looked at for changes one.
        var read = new List<int>();
        do
        {
            var progress = new CheckupProgress();
            var findings = new List<StoreFinding>();
            StoreExaminer.Examine(
                _store.Location,
                new CheckupOptions { Budget = TimeSpan.FromSeconds(14), MaxAge = StoreAge.Parse("30d"), Workers = 1, Clock = Clock(step: 1) },
                findings.Add, progress, CancellationToken.None);
            read.Add((int)progress.Paths.Paths);
            Assert.True(read.Sum() == 10 || findings.Exists(finding => finding.Kind == "ContentsDue"));
            _now += TimeSpan.FromDays(1);
        }
        while (read.Sum() < 10 && read.Count < 20);

        Assert.Equal(10, read.Sum());
        Assert.InRange(read.Count, 2, 10);
        Assert.All(read, count => Assert.InRange(count, 1, 6));
        Assert.Empty(Check("30d").Of(_store));
    }

    [Fact]
    public void Without_a_maximal_age_it_goes_round_and_round_the_oldest_first()
    {
        foreach (var name in new[] { "one", "two", "three" })
        {
            _store.Add(name, $"printf {name} > file");
        }

        for (var i = 0; i < 6; i++)
        {
            var before = Looked().ToDictionary(entry => entry.Path, entry => entry.Looked);
            Checked.Of(_store.Location, new CheckupOptions { Budget = TimeSpan.FromSeconds(7), Workers = 1, Clock = Clock(step: 1) });

            var read = Looked().Where(entry => entry.Looked != before.GetValueOrDefault(entry.Path)).Select(entry => entry.Path).ToList();
            var unread = new[] { "one", "two", "three" }.Except(read);
            Assert.NotEmpty(read);
            Assert.All(unread, path => Assert.All(read, other => Assert.True(before.GetValueOrDefault(other) <= before.GetValueOrDefault(path))));
            _now += TimeSpan.FromDays(1);
        }

        Assert.Equal(3, Looked().Count);
    }

    [Fact]
    public void A_finding_says_how_much_is_left_and_is_no_fault()
    {
        _store.Add("one", "printf 1 > file");
        _store.Add("two", "printf 2 > file");

        var found = Checked.Of(_store.Location, new CheckupOptions { Budget = TimeSpan.Zero, Clock = Clock() });

        var finding = Assert.Single(found, finding => finding.Kind == "ContentsDue");
        Assert.DoesNotContain(found, one => one.Severity > StoreFindingSeverity.Information);

        Assert.Equal(
            (StoreFindingSeverity.Information, "0 paths were read in the time given, 2 more are due", "The next run goes on where this one ended."),
            (finding.Severity, finding.Detail, finding.Remedy));
    }

    [Fact]
    public void The_changed_file_of_many_is_named_exactly()
    {
        var tree = _store.Add("tree", "mkdir -p bin lib; for i in $(seq 50); do printf \"file $i\" > lib/$i; done; : > lib/empty; printf x > bin/x");
        Assert.Empty(Check("30d").Of(_store));
        _now += TimeSpan.FromDays(1);

        // As a disk does it, without a trace in any time: the look for changes sees nothing, but with the age it is read.
        Rot($"{tree}/lib/37");
        _now += TimeSpan.FromDays(30);

        var findings = Check("30d").Of(_store);

        Assert.Equal(["Warning BytesChanged tree", "Warning HashMismatch tree"], findings.Describe().Order());
        Assert.StartsWith("lib/37: had other contents of the same size when the path was last found intact",
            findings.Single(finding => finding.Kind == "BytesChanged").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_changed_is_read_at_once_and_told_until_it_is_mended()
    {
        _store.Add("other", "printf x > file");
        var tree = _store.Add("tree", "printf 12345 > one; printf 12345 > two");
        Assert.Empty(Check("30d").Of(_store));
        Command.Run("/bin/bash", "-euc", "chmod u+w \"$0\"; printf 123 > \"$0\"; chmod u-w \"$0\"; touch -d @1 \"$0\"", $"{tree}/two");

        for (var day = 0; day < 3; day++)
        {
            _now += TimeSpan.FromDays(1);
            var findings = Check("30d").Of(_store);
            Assert.Equal(["Warning HashMismatch tree", "Warning Truncated tree"], findings.Describe().Order());
            Assert.StartsWith("two: has 3 bytes, and had 5", findings.Single(finding => finding.Kind == "Truncated").Detail, StringComparison.Ordinal);
        }

        Command.Run("/bin/bash", "-euc", "chmod u+w \"$0\"; printf 12345 > \"$0\"; chmod u-w \"$0\"; touch -d @1 \"$0\"", $"{tree}/two");
        Assert.Empty(Check("30d").Of(_store));
    }

    [Fact]
    public void Wrong_metadata_is_told_each_time()
    {
        var tree = _store.Add("tree", "printf x > one");
        Command.Run("chmod", "600", $"{tree}/one");

        for (var day = 0; day < 3; day++)
        {
            Assert.Equal(["Warning Mode tree"], Check("30d").Of(_store).Describe());
            _now += TimeSpan.FromDays(1);
        }
    }

    [Fact]
    public void The_ledger_tells_sizes_apart_that_the_archive_does_not()
    {
        var tree = _store.Add("tree", "printf 12345 > one; printf 123456 > two");
        Assert.Empty(Check("30d").Of(_store));
        Command.Run("/bin/bash", "-euc", "cd \"$0\"; chmod u+w . one two; printf 123456 > one; printf 12345 > two; chmod u-w . one two; touch -d @1 . one two", tree);

        var findings = Checked.Faults(_store.Location, new CheckupOptions { SizeOnly = true });

        Assert.Equal(["Warning Extended tree", "Warning Truncated tree"], findings.Describe().Order());
        File.Delete(LedgerFile.PathOf(_store.Location));
        Assert.Empty(Checked.Faults(_store.Location, new CheckupOptions { SizeOnly = true }));
    }

    [Fact]
    public void The_ledger_knows_a_wrong_size_in_a_row_from_damaged_files()
    {
        _store.Add("tree", "printf 12345 > one");
        Assert.Empty(Check("30d").Of(_store));
        Examination.Examined.Sql(_store.Location, "update ValidPaths set narSize = 1");

        Assert.Equal(["Warning RowSize tree"], Checked.Faults(_store.Location, new CheckupOptions { SizeOnly = true }).Describe());
    }

    [Fact]
    public void Paths_that_are_gone_are_forgotten()
    {
        var tree = _store.Add("tree", "printf x > one");
        _store.Add("other", "printf x > one");
        Assert.Empty(Check("30d").Of(_store));
        Assert.Equal(2, Looked().Count);
        Examination.Examined.Sql(_store.Location, "delete from ValidPaths where path like '%-tree'");
        Command.Run("/bin/bash", "-euc", "chmod -R u+w \"$0\"; rm -r \"$0\"", tree);

        Assert.Empty(Check("30d").Of(_store));

        Assert.Single(Looked());
    }

    [Fact]
    public void A_damaged_ledger_is_a_warning_and_all_is_read_again()
    {
        _store.Add("tree", "printf x > one");
        Assert.Empty(Check("30d").Of(_store));
        File.WriteAllText(LedgerFile.PathOf(_store.Location), new string('x', 10000));

        Assert.Equal(["Warning LedgerDamaged"], Check("30d").Of(_store).Describe());

        Assert.Single(Looked());
        Assert.Empty(Check("30d").Of(_store));
    }

    [Fact]
    public void Where_no_ledger_can_be_written_the_store_is_looked_at_all_the_same()
    {
        _store.Add("tree", "printf x > one");
        File.WriteAllText($"{_store.Location.StateDirectory}/nixstore", "in the way");

        var findings = Checked.Of(_store.Location, new CheckupOptions { CheckContents = true });

        Assert.Contains(findings, finding => finding is { Kind: "LedgerNotWritten", Severity: StoreFindingSeverity.Information });
    }

    private (SteppingClock Clock, StoreAge Age) Check(string age) => (Clock(), StoreAge.Parse(age));

    private SteppingClock Clock(int step = 0) => new() { Now = _now, Step = TimeSpan.FromSeconds(step) };

    private List<(string Path, long Looked)> Looked()
    {
        var path = LedgerFile.PathOf(_store.Location);
        return !File.Exists(path) ? [] : [.. Command.Run("sqlite3", path, "select path, looked from Paths order by path").Split('\n')
            .Where(line => line.Length > 0).Select(line => line.Split('|')).Select(parts => (parts[0][33..], long.Parse(parts[1], null)))];
    }

    /// <summary>Changes a byte below the file system's eyes, as far as a test can: all times are as before.</summary>
    private static void Rot(string file)
    {
        var before = TreeStore.Status(file);
        Command.Run("/bin/bash", "-euc", "chmod u+w \"$0\"; printf X | dd bs=1 conv=notrunc status=none of=\"$0\"; chmod u-w \"$0\"; touch -d @1 \"$0\"", file);
        Assert.Equal(before.ModificationTime, TreeStore.Status(file).ModificationTime);
    }
}

file static class ScrubChecks
{
    internal static List<StoreFinding> Of(this (SteppingClock Clock, StoreAge Age) check, TreeStore store)
        => Checked.Faults(store.Location, new CheckupOptions { MaxAge = check.Age, Clock = check.Clock, Workers = 2 });
}
