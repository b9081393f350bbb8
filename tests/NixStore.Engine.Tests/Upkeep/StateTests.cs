using NixStore.Engine.Collection;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>The state directory: what is missing, in the way, of another owner, or left over.</summary>
public sealed class StateTests : IDisposable
{
    private readonly SmallStore _store = new("a");

    public void Dispose() => _store.Dispose();

    private string State => _store.Location.StateDirectory;

    [Theory]
    [InlineData("temproots", "StateDirectoryMissing", StoreFindingSeverity.Information)]
    [InlineData("gcroots", "RootsDirectoryMissing", StoreFindingSeverity.Error)]
    [InlineData("profiles", "RootsDirectoryMissing", StoreFindingSeverity.Error)]
    public void A_missing_directory_is_told_and_made(string name, string kind, StoreFindingSeverity severity)
    {
        Directory.Delete($"{State}/{name}", recursive: true);

        var finding = Assert.Single(Upkept.Of(_store.Location));
        Assert.Equal((kind, severity, $"{State}/{name}", StoreFindingArea.State), (finding.Kind, finding.Severity, finding.Path, finding.Area));
        Assert.Equal(StoreRepairStepKind.MendState, Assert.Single(Upkept.Mend(_store.Location)).Kind);

        Assert.Equal((UnixFileMode)0x1ed, File.GetUnixFileMode($"{State}/{name}"));
        Assert.Empty(Upkept.Of(_store.Location));
    }

    [Fact]
    public void Roots_that_are_missing_from_an_empty_store_are_no_error()
    {
        using var empty = new SmallStore();
        Directory.Delete($"{empty.Location.StateDirectory}/gcroots", recursive: true);

        Assert.Equal(StoreFindingSeverity.Information, Assert.Single(Upkept.Of(empty.Location)).Severity);
    }

    [Fact]
    public void The_directory_of_the_database_is_never_made()
    {
        Directory.Delete($"{State}/db", recursive: true);

        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [Fact]
    public void Roots_behind_a_link_are_told_and_left_to_people()
    {
        Directory.Move($"{State}/gcroots", $"{State}/elsewhere");
        File.CreateSymbolicLink($"{State}/gcroots", "elsewhere");

        // Whoever walks through the link gives it an access time.
        Assert.Equal("RootsDirectoryIsLink", Assert.Single(Upkept.Look(_store.Location)).Kind);
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [Theory]
    [InlineData("temproots", "StateNotADirectory", 2)]
    [InlineData("gc-socket", "StateInTheWay", 1)]
    public void A_file_in_the_way_is_set_aside(string name, string kind, int steps)
    {
        if (Directory.Exists($"{State}/{name}"))
        {
            Directory.Delete($"{State}/{name}");
        }

        File.WriteAllText($"{State}/{name}", "text");

        Assert.Equal(kind, Upkept.Fault(_store.Location).Kind);
        Assert.Equal(steps, Upkept.Mend(_store.Location).Count);

        Assert.Equal([$"nix/{name}"], Upkept.SetAside(_store.Location));
        Upkept.NoFault(_store.Location);
    }

    [Theory]
    [InlineData("gc.lock")]
    [InlineData("db/big-lock")]
    [InlineData("gc-socket/socket")]
    public void A_directory_in_the_way_is_set_aside(string name)
    {
        Command.Run("rm", "-f", $"{State}/{name}");
        Directory.CreateDirectory($"{State}/{name}/below");

        var finding = Upkept.Fault(_store.Location);
        Assert.Equal(("StateInTheWay", StoreFindingSeverity.Error, $"{State}/{name}"), (finding.Kind, finding.Severity, finding.Path));
        Upkept.Mend(_store.Location);

        Assert.EndsWith(Path.GetFileName(name), Assert.Single(Upkept.SetAside(_store.Location)), StringComparison.Ordinal);
        Upkept.NoFault(_store.Location);
    }

    [Fact]
    public void What_was_replaced_by_the_time_of_mending_stays()
    {
        File.WriteAllText($"{State}/gc-socket", "text");
        var plan = Upkept.Plan(_store.Location);
        File.Delete($"{State}/gc-socket");
        Directory.CreateDirectory($"{State}/gc-socket");

        Upkept.Apply(_store.Location, plan);

        Assert.Empty(Upkept.SetAside(_store.Location));
        Assert.True(Directory.Exists($"{State}/gc-socket"));
    }

    [SkippableTheory]
    [InlineData("db/db.sqlite")]
    [InlineData("gcroots")]
    [InlineData("../../store/.links")]
    public void What_belongs_to_somebody_else_is_given_back(string name)
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: nobody else can give files away");
        Command.Run("chown", "nobody", $"{State}/{name}");

        var finding = Upkept.Fault(_store.Location);
        Assert.Equal(("StateOwnerWrong", StoreFindingSeverity.Warning), (finding.Kind, finding.Severity));
        Upkept.Mend(_store.Location);

        Assert.Equal("0", Command.Run("stat", "-c", "%u", $"{State}/{name}"));
        Upkept.NoFault(_store.Location);
    }

    [SkippableFact]
    public void In_the_store_of_a_user_what_root_has_made_is_an_error()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: nobody else can give files away");
        Command.Run("chown", "-R", "nobody", _store.Root);
        Command.Run("chown", "root", _store.Location.DatabasePath);

        Assert.Equal(("StateOwnerWrong", StoreFindingSeverity.Error), (Upkept.Fault(_store.Location).Kind, Upkept.Fault(_store.Location).Severity));
        Upkept.Mend(_store.Location);

        Assert.Equal("nobody", Command.Run("stat", "-c", "%U", _store.Location.DatabasePath));
    }

    [Theory]
    [InlineData("db", 0x16d, 0x1ed)]
    [InlineData("db", 0x1ff, 0x1fd)]
    [InlineData("db/db.sqlite", 0x124, 0x1a4)]
    [InlineData("db/db.sqlite", 0x1b6, 0x1b4)]
    public void A_mode_that_forbids_too_much_or_too_little_is_put_right(string name, int mode, int right)
    {
        File.SetUnixFileMode($"{State}/{name}", (UnixFileMode)mode);

        Assert.Equal("StateModeWrong", Upkept.Fault(_store.Location).Kind);
        Upkept.Mend(_store.Location);

        Assert.Equal((UnixFileMode)right, File.GetUnixFileMode($"{State}/{name}"));
        Upkept.NoFault(_store.Location);
    }

    [Fact]
    public void Interrupted_work_is_worth_knowing()
    {
        using (var journal = CollectionJournal.Create(_store.Location, trash: false))
        {
            journal.Write([new CollectionBegun(_store.Location.Url, "host", "me", int.MaxValue, null, new Dictionary<string, string>())]);
        }

        Directory.CreateDirectory($"{State}/nixstore/backups/tmp-1");

        var found = Upkept.Of(_store.Location);

        Assert.Equal(["CollectionInterrupted", "StagingLeft"], found.Select(finding => finding.Kind));
        Assert.All(found, finding => Assert.Equal(StoreFindingSeverity.Information, finding.Severity));
    }

    [Fact]
    public void Only_the_newest_collection_counts()
    {
        using (var old = CollectionJournal.Create(_store.Location, trash: true))
        {
            old.Write([new CollectionBegun(_store.Location.Url, "host", "me", int.MaxValue, null, new Dictionary<string, string>())]);
        }

        Thread.Sleep(2);
        using (var later = CollectionJournal.Create(_store.Location, trash: false))
        {
            later.Write([new CollectionBegun(_store.Location.Url, "host", "me", int.MaxValue, null, new Dictionary<string, string>()), new CollectionEnded(0, 0)]);
        }

        Assert.Empty(Upkept.Of(_store.Location));
    }

    [Fact]
    public void A_journal_that_cannot_be_read_is_told()
    {
        Directory.CreateDirectory($"{State}/nixstore/journal");
        File.WriteAllText($"{State}/nixstore/journal/20260101T000000.000Z-1.jsonl", "nonsense\n");

        Assert.Equal("JournalDamaged", Upkept.Fault(_store.Location).Kind);
    }

    [Fact]
    public void What_a_check_cannot_read_is_told_and_the_others_go_on()
    {
        Directory.CreateDirectory($"{State}/nixstore");
        File.WriteAllText($"{State}/nixstore/journal", "");
        File.WriteAllText($"{State}/temproots/foo", "");

        var found = Upkept.Of(_store.Location);

        Assert.Equal(["CheckFailed", "TemporaryRootsNameInvalid"], found.Select(finding => finding.Kind));
        Assert.Equal((StoreFindingArea.State, StoreFindingSeverity.Warning), (found[0].Area, found[0].Severity));
    }
}
