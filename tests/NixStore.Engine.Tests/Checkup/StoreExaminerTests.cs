using NixStore.Engine.Checkup;
using NixStore.Engine.Database;
using NixStore.Engine.Ledger;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Examination;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Checkup;

/// <summary>The look at a whole store: what is told, once, and how much it matters.</summary>
public sealed class StoreExaminerTests : IDisposable
{
    private static readonly CheckupOptions s_contents = new() { CheckContents = true, Record = false, Workers = 2 };
    private static readonly CheckupOptions s_sizes = new() { SizeOnly = true, Workers = 2 };

    private readonly SmallStore _store = Examined.NewStore("a", "b", "c");

    public static TheoryData<string> Ways => ["names", "contents", "sizes", "scrub"];

    public void Dispose() => _store.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void Nothing_is_found_where_nothing_is_wrong(string way) => Assert.Empty(Checked.Faults(_store.Location, OptionsOf(way)));

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_missing_path_is_told_once_and_matters_when_something_needs_it(string way)
    {
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("b")));
        Assert.Equal(["Warning Missing b"], Checked.Faults(_store.Location, OptionsOf(way)).Describe());

        MakeRoot("c");

        var finding = Assert.Single(Checked.Faults(_store.Location, OptionsOf(way)));
        Assert.Equal((StoreFindingArea.Path, StoreFindingSeverity.Error, _store.Full("b")), (finding.Area, finding.Severity, finding.Path));
        Assert.NotNull(finding.Remedy);
    }

    [Theory]
    [InlineData("contents", "Warning HashMismatch b")]
    [InlineData("scrub", "Warning HashMismatch b")]
    [InlineData("sizes", "")]
    [InlineData("names", "")]
    public void Changed_contents_are_found_by_reading(string way, string expected)
    {
        Change("b", "x | dd bs=1 conv=notrunc status=none of=");

        Assert.Equal(expected.Length == 0 ? [] : [expected], Checked.Faults(_store.Location, OptionsOf(way)).Describe());
    }

    [Theory]
    [InlineData("contents", "Error HashMismatch b,Error ZeroLength b")]
    [InlineData("sizes", "Error ZeroLength b")]
    public void An_empty_file_is_found_by_its_size(string way, string expected)
    {
        MakeRoot("b");
        Change("b", "'' > ");

        Assert.Equal(expected.Split(','), Checked.Faults(_store.Location, OptionsOf(way)).Describe().Order());
    }

    [Theory]
    [InlineData("contents")]
    [InlineData("sizes")]
    [InlineData("scrub")]
    public void Wrong_metadata_is_found(string way)
    {
        var file = _store.Location.RealPathOf(SmallStore.PathOf("b"));
        Command.Run("chmod", "644", file);
        Command.Run("touch", "-d", "@5", file);

        Assert.Equal(["Warning Mode b", "Warning ModificationTime b"], Checked.Faults(_store.Location, OptionsOf(way)).Describe().Order());
    }

    [Fact]
    public void Reading_finds_references_that_the_database_lost_and_sizes_it_has_wrong()
    {
        MakeRoot("c");
        Examined.Sql(_store.Location, "delete from Refs where referrer = 3; update ValidPaths set narSize = narSize + 8 where id = 2");

        Assert.Equal(["Error RowReference c", "Warning RowSize b"], Checked.Faults(_store.Location, s_contents).Describe().Order());
        Assert.Equal(["Warning Truncated b"], Checked.Faults(_store.Location, s_sizes).Describe());
    }

    [Fact]
    public void What_is_wrong_with_rows_is_told_by_the_database_alone_and_then_every_path_counts_as_alive()
    {
        Examined.Sql(_store.Location, "update ValidPaths set deriver = 'nonsense', ca = 'x' where id = 2");
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("a")));

        var faults = Checked.Faults(_store.Location, s_contents);

        Assert.Equal(["Error ColumnMalformed", "Error ColumnMalformed", "Error Missing a"], faults.Describe().Order());
    }

    [Fact]
    public void What_has_no_row_is_information_with_a_remedy()
    {
        File.WriteAllText($"{_store.Location.RealDirectory}/{SmallStore.PathOf("d").BaseName}", "x");
        File.WriteAllText($"{_store.Location.RealDirectory}/{SmallStore.PathOf("d").BaseName}.lock", "");

        var findings = Checked.Of(_store.Location, s_contents).Where(finding => finding.Area == StoreFindingArea.Path);

        Assert.Equal(["Information Unregistered d", "Information Unregistered d.lock"], findings.Describe().Order());
        Assert.All(findings, finding => Assert.NotNull(finding.Remedy));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void An_empty_store_directory_is_one_finding(string way)
    {
        Command.Run("/bin/bash", "-euc", "rm -rf \"$0\"/*", _store.Location.RealDirectory);

        Assert.Equal(["Error StoreDirectoryEmpty"], Checked.Faults(_store.Location, OptionsOf(way)).Describe());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Without_a_database_the_rest_is_looked_at(string way)
    {
        File.Delete(_store.Location.DatabasePath);
        File.WriteAllText($"{Directory.CreateDirectory($"{_store.Location.StateDirectory}/temproots").FullName}/foo", "");

        var faults = Checked.Faults(_store.Location, OptionsOf(way)).Describe().ToList();

        Assert.Contains("Error DatabaseMissing", faults);
        Assert.Contains("Error TemporaryRootsNameInvalid", faults);
        Assert.True(way == "names" || faults.Contains("Warning CheckFailed"));
    }

    [Fact]
    public void Where_there_is_no_store_there_is_an_error()
    {
        using var directory = new TemporaryDirectory();

        var error = Assert.Throws<StoreDatabaseException>(() => Checked.Of(StoreLocator.Locate(directory["nowhere"])));

        Assert.Equal("DatabaseNotFound", error.ErrorId);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Looking_changes_nothing(string way)
    {
        MakeRoot("c");
        var untouched = Untouched.Of(_store.Location);

        Assert.Empty(Checked.Faults(_store.Location, OptionsOf(way) with { Record = false }));
        Assert.Empty(Checked.Faults(_store.Location with { IsReadOnly = true }, OptionsOf(way)));

        untouched.Verify();
    }

    [Fact]
    public void With_a_ledger_nothing_but_the_ledger_is_written()
    {
        var before = List();

        Assert.Empty(Checked.Faults(_store.Location, OptionsOf("contents") with { Record = true }));

        Assert.Equal(before, List());
        Assert.True(File.Exists(LedgerFile.PathOf(_store.Location)));

        // The state directory itself gets an entry.
        string List() => Command.Run("/bin/bash", "-euc",
            "cd \"$0\"; find . -not -path './nix/var/nix/nixstore*' -not -path ./nix/var/nix -printf '%P %i %m %s %T@ %C@\\n' | sort", _store.Root);
    }

    [Fact]
    public void It_ends_when_it_is_told_to_and_keeps_what_was_found_by_then()
    {
        using var stop = new CancellationTokenSource();
        Change("b", "x | dd bs=1 conv=notrunc status=none of=");
        var order = new[] { "a", "b", "c" }.OrderBy(name => SmallStore.PathOf(name).BaseName, StringComparer.Ordinal).ToList();

        Assert.ThrowsAny<OperationCanceledException>(() => StoreExaminer.Examine(
            _store.Location, new CheckupOptions { Budget = TimeSpan.FromHours(1), Workers = 1 }, Stop, new CheckupProgress(), stop.Token));

        using var ledger = VerificationLedger.TryOpenForReading(_store.Location, TimeProvider.System)!;
        Assert.All(order.TakeWhile(name => name != "b"), name => Assert.NotNull(ledger.Find(SmallStore.PathOf(name))));
        Assert.True(ledger.Find(SmallStore.PathOf("b"))!.IsBroken);

        void Stop(StoreFinding finding)
        {
            if (finding.Kind == "HashMismatch")
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void Progress_says_what_is_being_looked_at_and_counts_paths()
    {
        var progress = new CheckupProgress();
        StoreExaminer.Examine(_store.Location, s_contents, _ => { }, progress, CancellationToken.None);

        Assert.Equal((3L, 3L, "paths"), (progress.Paths.Paths, progress.Paths.TotalPaths, progress.Subject));
    }

    private static CheckupOptions OptionsOf(string way) => way switch
    {
        "contents" => s_contents,
        "sizes" => s_sizes,
        "scrub" => new CheckupOptions { MaxAge = StoreAge.Parse("30d"), Workers = 2 },
        _ => new CheckupOptions(),
    };

    private void MakeRoot(string name) => File.CreateSymbolicLink($"{_store.Location.StateDirectory}/gcroots/{name}", _store.Full(name));

    /// <summary>Writes into a path's file, and gives it the mode and time back that it had.</summary>
    private void Change(string name, string what) => Command.Run(
        "/bin/bash", "-euc", $"chmod u+w \"$0\"; printf {what}\"$0\"; chmod u-w \"$0\"; touch -d @1 \"$0\"", _store.Location.RealPathOf(SmallStore.PathOf(name)));
}
