using NixStore.Engine.Database;
using NixStore.Engine.Examination;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>Where nothing is wrong, nothing is found: closed, open elsewhere, read-only.</summary>
public sealed class SoundStoreTests : IDisposable
{
    private readonly SmallStore _store = Examined.NewStore("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_found_in_a_store_of_our_own(bool contents) => Assert.Empty(Examined.Of(_store.Location, contents));

    [Fact]
    public void Nothing_is_found_in_an_empty_store()
    {
        using var empty = Examined.NewStore();
        Assert.Empty(Examined.Of(empty.Location, checkContents: true));
    }

    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Nothing_is_found_in_a_store_of_real_Nix(bool optimised, bool contents)
    {
        using var store = optimised ? LabStore.Optimised() : LabStore.Signed();
        Assert.Empty(Examined.Of(store.Location, contents));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void Nothing_is_found_in_what_each_Nix_makes(string version)
    {
        using var directory = new TemporaryDirectory();
        var store = StoreLocator.Locate(Directory.CreateDirectory(directory["root"]).FullName);
        RealNix.Require(version).Instantiate(store,
            "derivation { name = \"x\"; system = \"any\"; builder = \"/bin/sh\"; outputs = [ \"out\" \"dev\" ]; src = builtins.toFile \"t\" \"text\"; }");

        Assert.Empty(Examined.Of(store, checkContents: true));
    }

    [SkippableFact]
    public void An_output_whose_path_is_not_known_before_the_build_is_not_missed()
    {
        using var directory = new TemporaryDirectory();
        var store = StoreLocator.Locate(Directory.CreateDirectory(directory["root"]).FullName);
        RealNix.Require().Instantiate(store,
            "derivation { name = \"x\"; system = \"any\"; builder = \"/bin/sh\"; __contentAddressed = true; outputHashMode = \"recursive\"; outputHashAlgo = \"sha256\"; }",
            "--extra-experimental-features", "ca-derivations");

        Assert.Empty(Examined.Of(store, checkContents: true));
    }

    [SkippableFact]
    public void A_log_that_somebody_is_writing_is_no_finding_and_what_is_in_it_is_seen()
    {
        using var other = ForeignDatabase.Open(_store.Location.DatabasePath);
        other.Execute("update ValidPaths set deriver = 'nonsense' where id = 2");

        var finding = Assert.Single(Examined.Of(_store.Location, false, "-shm"));

        Assert.Equal((StoreDatabaseFindingKind.ColumnMalformed, 2L, _store.Full("b")), (finding.Kind, finding.Row!.Value, finding.Path));
        other.Execute("update ValidPaths set deriver = null");
    }

    [SkippableFact]
    public void A_store_on_read_only_media_is_examined() => MountNamespace.Run(space =>
    {
        space.MakeReadOnly(_store.Root);
        var findings = new List<StoreDatabaseFinding>();
        DatabaseExaminer.Examine(
            _store.Location, new DatabaseExaminationOptions { CheckContents = true }, findings.Add, new ExaminationProgress(), CancellationToken.None);
        Assert.Empty(findings);
    });

    [Fact]
    public void Where_there_is_no_store_there_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        var nowhere = StoreLocator.Locate(directory["nowhere"]);

        var error = Assert.Throws<StoreDatabaseException>(() => DatabaseExaminer.Examine(
            nowhere, new DatabaseExaminationOptions(), _ => { }, new ExaminationProgress(), CancellationToken.None));

        Assert.Equal("DatabaseNotFound", error.ErrorId);
    }

    [Fact]
    public void It_ends_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => DatabaseExaminer.Examine(
            _store.Location, new DatabaseExaminationOptions(), _ => { }, new ExaminationProgress(), stop.Token));
    }

    [Fact]
    public void Progress_says_what_is_being_checked_and_counts_paths()
    {
        Examined.Sql(_store.Location, "update ValidPaths set deriver = 'nonsense' where id = 2");
        var progress = new ExaminationProgress();
        var subjects = new List<string>();

        DatabaseExaminer.Examine(_store.Location, new DatabaseExaminationOptions { CheckContents = true }, _ => subjects.Add(progress.Subject), progress,
            CancellationToken.None);

        Assert.Equal(["the rows of table ValidPaths"], subjects);
        Assert.Equal((3L, 3L), (progress.Contents.Paths, progress.Contents.TotalPaths));
    }
}
