using NixStore.Engine.Overlay.Mending;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>
/// What happens to overlay stores (NIX-ON-DAMAGE §4.3): what real Nix says of it, what is found, and that after the repair real Nix is content.
/// </summary>
public sealed class LayerDamageTests
{
    // As Nix leaves what it has built.
    private const string MakeOther = "mkdir $1; echo other > $1/file; chmod 444 $1/file; chmod 555 $1; touch -d @1 $1/file $1";

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void Nothing_is_found_in_a_store_that_is_used(string version)
    {
        using var store = new OverlayUnderTest(version);
        var added = store.Add("new", "new");
        store.Nix("-qR", store.PathOf("app-2.0"));

        Assert.Empty(store.Look(checkContents: true));
        Assert.Empty(store.Repair());
        Assert.True(store.IsValid(added));
        store.Verifies();
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void E6_deleting_the_upper_copy_leaves_an_empty_directory_until_it_is_remounted(string version)
    {
        using var store = new OverlayUnderTest(version, hasHook: false);
        var path = store.PathOf("app-1.0");
        OverlayUnderTest.Shell("cp -a $1 $2", store.InLower(path), store.InUpper(path));
        store.Remount();
        Assert.Contains(store.Look(), finding => finding.Kind == OverlayFindingKind.Duplicate && finding.Path == path && finding.Layer == StoreLayer.Both);
        Assert.NotEmpty(Directory.GetFileSystemEntries(store.InMerged(path)));
        Assert.Contains("needs remounting", DeleteFromUpper(store, path), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(store.InMerged(path)));
        Assert.True(store.IsValid(path));
        Assert.Contains("was modified", store.TryNix("--verify", "--check-contents").Error, StringComparison.Ordinal);

        Assert.Equal([OverlayFindingKind.RemountHookNone, OverlayFindingKind.StaleEntry], store.Faults());

        store.RepairedBy(OverlayRepairAction.Remount);
        Assert.Equal([OverlayFindingKind.RemountHookNone], store.Faults());
        Assert.NotEmpty(Directory.GetFileSystemEntries(store.InMerged(path)));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void E7_a_path_that_the_host_deleted_stays_valid_until_its_row_goes(string version)
    {
        using var store = new OverlayUnderTest(version);
        var (top, bottom) = DeletedBelow(store);
        Assert.True(store.IsValid(top));
        Assert.True(store.IsValid(bottom));

        var found = store.Look().Where(finding => finding.Kind == OverlayFindingKind.UpperRowWithoutFiles).ToList();
        Assert.Equal([top, bottom], found.Select(finding => finding.Path));
        Assert.Contains($"{top} refers to it", found[1].Detail, StringComparison.Ordinal);

        var steps = store.Repair();
        Assert.Equal(StoreRepairStepOutcome.Done, steps.Select(step => step.Outcome).Distinct().Single());
        Assert.Equal([top, bottom], steps.Where(step => step.Action == OverlayRepairAction.RemoveRow).Select(step => step.Path));
        Assert.False(store.IsValid(top));
        Assert.False(store.IsValid(bottom));
        Assert.Empty(store.Faults());
        store.Verifies();
    }

    [SkippableFact]
    public void Rows_stay_when_what_refers_to_them_stays()
    {
        using var store = new OverlayUnderTest();
        var (top, bottom) = DeletedBelow(store);
        OverlayUnderTest.Shell("mkdir $1; echo back > $1/file", store.InUpper(top));
        store.Remount();

        Assert.Empty(store.Repair());
        Assert.Contains(store.Look(), finding => finding.Path == bottom && finding.Remedy!.Contains($"{top} refers to it and stays", StringComparison.Ordinal));
        Assert.True(store.IsValid(bottom));
    }

    [SkippableFact]
    public void Rows_stay_when_the_lower_store_is_not_mounted()
    {
        using var store = new OverlayUnderTest();
        var path = store.PathOf("app-2.0");
        Assert.True(store.IsValid(path));
        OverlayUnderTest.Shell("mkdir $2; mv $1/* $2", store.Lower.RealDirectory, store.Beside("away"));

        Assert.Contains(OverlayFindingKind.LowerEmpty, store.Faults());
        Assert.Empty(store.Repair());
        Assert.True(store.IsValid(path));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void E7b_what_the_host_removes_reads_as_empty_until_it_is_remounted(string version)
    {
        using var store = new OverlayUnderTest(version);
        var path = LeafOf(store);
        Assert.NotEmpty(Directory.GetFileSystemEntries(store.InMerged(path)));
        OverlayUnderTest.Shell("chmod -R u+w $1; rm -rf $1", store.InLower(path));
        Assert.Empty(Directory.GetFileSystemEntries(store.InMerged(path)));
        Assert.True(store.IsValid(path));

        Assert.Superset(new HashSet<OverlayFindingKind> { OverlayFindingKind.StaleEntry, OverlayFindingKind.LowerRowWithoutFiles }, store.Faults().ToHashSet());

        var steps = store.Repair();
        Assert.Equal([OverlayRepairAction.Remount], steps.Select(step => step.Action));
        Assert.Equal(StoreRepairStepOutcome.Done, steps[0].Outcome);
        Assert.False(Directory.Exists(store.InMerged(path)));
        Assert.DoesNotContain(OverlayFindingKind.StaleEntry, store.Faults());
        Assert.Contains(store.Look(), finding => finding.Kind == OverlayFindingKind.LowerRowWithoutFiles && finding.Path == path && finding.Layer == StoreLayer.Lower);
    }

    [SkippableFact]
    public void What_the_lower_store_moved_away_is_shown_until_it_is_remounted()
    {
        using var store = new OverlayUnderTest();
        var path = LeafOf(store);
        Assert.NotEmpty(Directory.GetFileSystemEntries(store.InMerged(path)));
        OverlayUnderTest.Shell("mv $1 $2", store.InLower(path), store.Beside("away"));

        Assert.Contains(store.Look(), finding => finding.Kind == OverlayFindingKind.StaleEntry && finding.Path == path
            && finding.Detail.Contains("no layer has it", StringComparison.Ordinal));
        Assert.Equal([OverlayRepairAction.Remount], store.Repair().Select(step => step.Action));
        Assert.False(Directory.Exists(store.InMerged(path)));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void E8_files_that_were_copied_into_the_lower_store_are_not_in_it(string version)
    {
        using var store = new OverlayUnderTest(version);
        var path = store.Add("new", "new");
        OverlayUnderTest.Shell("mv $1 $2", store.InUpper(path), store.InLower(path));
        store.Remount();

        Assert.Contains("has a row of it, so it is found here", Found(store, path).Detail, StringComparison.Ordinal);
        Assert.Contains("Publish-OverlayStorePath", Found(store, path).Remedy, StringComparison.Ordinal);
        Assert.Empty(store.Repair());

        // Without its row, Nix writes it again, on top of the lower files.
        store.Nix("--delete", path);
        Assert.False(store.IsValid(path));
        Assert.EndsWith("but no row", Found(store, path).Detail, StringComparison.Ordinal);
        Assert.Equal(path, store.Add("new", "new"));
        Assert.True(Directory.Exists(store.InUpper(path)));
        Assert.Contains(store.Look(), finding => finding.Kind == OverlayFindingKind.OpaqueDirectory && finding.Path == path);
        store.Verifies();

        static OverlayFinding Found(OverlayUnderTest store, string path)
            => Assert.Single(store.Look(), finding => finding.Kind == OverlayFindingKind.LowerFilesWithoutRow && finding.Path == path);
    }

    [SkippableTheory]
    [InlineData(RealNix.Newest, false)]
    [InlineData(RealNix.Newest, true)]
    [InlineData("nix226", false)]
    public void E12_rows_that_are_only_in_the_log_are_invisible(string version, bool checkpoints)
    {
        using var store = new OverlayUnderTest(version);
        using var reader = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store.Lower.DatabasePath};Pooling=False");
        reader.Open();
        using var command = reader.CreateCommand();
        command.CommandText = "select count(*) from ValidPaths";
        command.ExecuteScalar();
        using var below = new SmallStore(store.Lower);
        var first = below.Add("first");
        var second = below.Full(below.Add("second", first).Name);
        Assert.False(store.IsValid(second));

        Assert.Equal([OverlayFindingKind.LowerRowInLog, OverlayFindingKind.LowerRowInLog], store.Faults());

        var steps = store.Repair(checkpoints);
        Assert.All(steps, step => Assert.True(step.Outcome == StoreRepairStepOutcome.Done, step.Error));
        Assert.Equal(checkpoints ? OverlayRepairAction.CheckpointLower : OverlayRepairAction.CopyRow, Assert.Single(steps.Select(step => step.Action).Distinct()));
        Assert.True(store.IsValid(second));
        Assert.Empty(store.Faults());
        store.Verifies();
    }

    [SkippableFact]
    public void What_the_lower_store_has_deleted_in_its_log_is_valid_still()
    {
        using var store = new OverlayUnderTest();
        var path = LeafOf(store);
        using var reader = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store.Lower.DatabasePath};Pooling=False");
        reader.Open();
        using var command = reader.CreateCommand();
        command.CommandText = "select count(*) from ValidPaths";
        command.ExecuteScalar();
        store.NixBelow("--delete", path);
        Assert.False(Directory.Exists(store.InLower(path)));
        Assert.True(store.IsValid(path));

        Assert.Contains(OverlayFindingKind.LowerDeletionInLog, store.Faults());
        var steps = store.Repair(checkpointLower: true);
        Assert.All(steps, step => Assert.True(step.Outcome == StoreRepairStepOutcome.Done, step.Error));
        Assert.Contains(steps, step => step.Action == OverlayRepairAction.CheckpointLower);
        Assert.Contains(steps, step => step.Action == OverlayRepairAction.RemoveRow && step.Path == path);
        Assert.False(store.IsValid(path));
        store.Verifies();
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void H4_a_whiteout_goes_from_a_valid_path(string version)
    {
        using var store = new OverlayUnderTest(version);
        var path = store.PathOf("app-2.0");
        Assert.True(store.IsValid(path));
        OverlayUnderTest.Shell("rm -rf $1", store.InMerged(path));
        Assert.False(Directory.Exists(store.InMerged(path)));
        Assert.True(store.IsValid(path));

        var finding = Assert.Single(store.Look(), finding => finding.Kind == OverlayFindingKind.Whiteout);
        Assert.Equal((path, StoreFindingSeverity.Error, StoreLayer.Upper), (finding.Path, finding.Severity, finding.Layer));

        store.RepairedBy(OverlayRepairAction.RemoveWhiteout, OverlayRepairAction.Remount);
        Assert.Empty(store.Faults());
        Assert.True(Directory.Exists(store.InMerged(path)));
        Assert.False(File.Exists(store.InUpper(path)));
    }

    [SkippableTheory]
    [InlineData(RealNix.Newest, "chmod -R u+w $1")]
    [InlineData(RealNix.Newest, "chmod u+w $1; touch $1/added")]
    [InlineData(RealNix.Newest, "chmod -R u+w $1; find $1 -type f -delete")]
    [InlineData(RealNix.Newest, "rm -rf $1/bin; mkdir -p $1/bin; echo wrong > $1/bin/wrong")]
    [InlineData("nix226", "chmod -R u+w $1; find $1 -type f -exec tee -a {} + <<< wrong")]
    public void H5_what_was_changed_of_a_path_goes(string version, string change)
    {
        using var store = new OverlayUnderTest(version);
        var path = store.PathOf("app-2.0");
        store.Nix("-qR", path);
        OverlayUnderTest.Shell(change, store.InMerged(path));

        var finding = Assert.Single(store.Look(), finding => finding.Kind == OverlayFindingKind.CopiedUpFragment);
        Assert.Equal((path, StoreLayer.Both), (finding.Path, finding.Layer));

        store.RepairedBy(OverlayRepairAction.RemoveFragment, OverlayRepairAction.Remount);
        Assert.Empty(store.Faults());
        Assert.Empty(Directory.GetFileSystemEntries(store.Location.Overlay!.UpperLayer));
    }

    [SkippableFact]
    public void A_fragment_stays_when_the_lower_path_is_damaged()
    {
        using var store = new OverlayUnderTest();
        var path = store.PathOf("app-2.0");
        OverlayUnderTest.Shell("chmod u+w $1; touch $1/added; chmod u+w $2; echo > $2/damage", store.InMerged(path), store.InLower(path));

        var step = store.Repair()[0];

        Assert.Equal((OverlayRepairAction.RemoveFragment, StoreRepairStepOutcome.Failed), (step.Action, step.Outcome));
        Assert.Contains("does not have the registered hash", step.Error, StringComparison.Ordinal);
        Assert.True(File.Exists($"{store.InUpper(path)}/added"));
    }

    /// <summary>A build need not give the same twice: what was built again in the upper layer is there by its own right, whatever the lower store has.</summary>
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tree_with_a_row_of_its_own_is_no_fragment_of_another_one_in_the_lower_store(bool wasChangedThroughMount)
    {
        using var store = new OverlayUnderTest();
        var path = store.PathOf("app-2.0");
        store.Nix("--check-validity", path);
        OverlayUnderTest.Shell(MakeOther, store.InUpper(path));
        store.RegisterUpper(path);
        store.Remount();
        if (wasChangedThroughMount)
        {
            OverlayUnderTest.Shell("chmod -R u+w $1", store.InMerged(path));
        }

        var finding = Assert.Single(store.Look(), finding => finding.Severity == StoreFindingSeverity.Error);
        Assert.Equal((OverlayFindingKind.DuplicateDiffers, path, StoreLayer.Both), (finding.Kind, finding.Path, finding.Layer));
        Assert.Contains("the rows of the two stores have different hashes", finding.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(store.Look(checkContents: true), finding => finding.Kind == OverlayFindingKind.CopiedUpFragment);

        Assert.Empty(store.Repair());
        Assert.Equal("other\n", File.ReadAllText($"{store.InUpper(path)}/file"));
        ExpectToStay(store, path, "UpperRowDiffers");
    }

    [SkippableFact]
    public void A_tree_without_a_row_of_its_own_stays_where_it_is_not_proved_a_part_of_the_lower_one()
    {
        using var store = new OverlayUnderTest();
        var path = store.PathOf("app-2.0");
        OverlayUnderTest.Shell(MakeOther, store.InUpper(path));
        store.Remount();
        Assert.Contains(OverlayFindingKind.CopiedUpFragment, store.Faults());

        var step = store.Repair()[0];

        Assert.Equal((OverlayRepairAction.RemoveFragment, StoreRepairStepOutcome.Failed), (step.Action, step.Outcome));
        Assert.Contains("'file' did not come from the lower store", step.Error, StringComparison.Ordinal);
        Assert.Equal("other\n", File.ReadAllText($"{store.InUpper(path)}/file"));
        ExpectToStay(store, path, "FragmentNotProved");

        // What the kernel copied up itself is proved to be a part.
        OverlayUnderTest.Shell("chmod u+w $1; rm -r $1", store.InUpper(path));
        store.Remount();
        OverlayUnderTest.Shell("chmod -R u+w $1", store.InMerged(path));
        store.RepairedBy(OverlayRepairAction.RemoveFragment, OverlayRepairAction.Remount);
    }

    /// <summary>What there is when the step is taken counts, not what was planned.</summary>
    private static void ExpectToStay(OverlayUnderTest store, string path, string id)
    {
        using var mended = new MendedOverlay(store.Location);
        Assert.Equal(id, Assert.Throws<NixStoreException>(() => new RemoveFragment(path).Apply(mended, CancellationToken.None)).ErrorId);
        Assert.True(Directory.Exists(store.InUpper(path)));
    }

    [SkippableFact]
    public void Copies_that_differ_are_told_from_equal_ones()
    {
        using var store = new OverlayUnderTest();
        var (equal, longer, changed) = (store.PathOf("app-2.0"), store.PathOf("app-1.0"), LeafOf(store));
        OverlayUnderTest.Shell("cp -a $1 $2 $3 $4", store.InLower(equal), store.InLower(longer), store.InLower(changed), store.Location.Overlay!.UpperLayer);
        OverlayUnderTest.Shell("f=$(find $1 -type f | head -1); chmod u+w $f; echo more >> $f", store.InUpper(longer));
        OverlayUnderTest.Shell("f=$(find $1 -type f -size +0 | head -1); chmod u+w $f; tr '[:print:]' x < $f > $2; cat $2 > $f", store.InUpper(changed), store.Beside("changed"));
        store.Remount();

        Assert.Equal([longer], Different(store, checkContents: false));
        Assert.Equal(new[] { changed, longer }.Order(), Different(store, checkContents: true).Order());
        Assert.Contains(store.Look(checkContents: true), finding => finding.Kind == OverlayFindingKind.DuplicateDiffers && finding.Path == changed
            && finding.Detail.Contains("the lower one has the registered hash", StringComparison.Ordinal));
        Assert.Contains(store.Look(checkContents: true), finding => finding.Kind == OverlayFindingKind.Duplicate && finding.Path == equal);
        Assert.Empty(store.Repair());

        static IEnumerable<string?> Different(OverlayUnderTest store, bool checkContents)
            => store.Look(checkContents).Where(finding => finding.Kind == OverlayFindingKind.DuplicateDiffers).Select(finding => finding.Path);
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void A_missing_hook_is_written_and_works(string version)
    {
        using var store = new OverlayUnderTest(version);
        var path = store.PathOf("app-1.0");
        OverlayUnderTest.Shell("cp -a $1 $2", store.InLower(path), store.InUpper(path));
        store.Remount();
        File.Delete(store.Hook);
        Assert.Equal([OverlayFindingKind.RemountHookMissing], store.Faults());

        store.RepairedBy(OverlayRepairAction.WriteRemountHook);
        DeleteFromUpper(store, path);
        Assert.Empty(store.Faults());
        Assert.NotEmpty(Directory.GetFileSystemEntries(store.InMerged(path)));

        File.SetUnixFileMode(store.Hook, (UnixFileMode)0b110_100_100);
        Assert.Equal([OverlayFindingKind.RemountHookNotExecutable], store.Faults());
        store.RepairedBy(OverlayRepairAction.AllowRemountHook);
    }

    [SkippableFact]
    public void A_hook_that_is_a_link_to_nowhere_is_written_and_works()
    {
        using var store = new OverlayUnderTest();
        File.Delete(store.Hook);
        File.CreateSymbolicLink(store.Hook, store.Beside("nowhere"));
        Assert.Equal([OverlayFindingKind.RemountHookMissing], store.Faults());

        store.RepairedBy(OverlayRepairAction.WriteRemountHook);

        Assert.Empty(store.Faults());
        OverlayUnderTest.Shell("$1 $2", store.Hook, store.Location.RealDirectory);
        Assert.False(File.Exists(store.Beside("nowhere")));
    }

    /// <summary>The kernel marks what it shows merged, so a mark alone does not make a fragment.</summary>
    [SkippableFact]
    public void What_is_left_of_a_path_that_the_lower_store_deleted_is_told_from_a_whole_one()
    {
        using var store = new OverlayUnderTest();
        var (whole, part) = (store.PathOf("app-1.0"), store.PathOf("app-2.0"));
        store.Nix("-qR", whole, part);
        OverlayUnderTest.Shell("cp -a $1 $2", store.InLower(whole), store.InUpper(whole));
        store.Remount();
        OverlayUnderTest.Shell("ls $1; chmod u+w $2; touch $2/added; mv $3 $4 $5", store.InMerged(whole), store.InMerged(part), store.InLower(whole), store.InLower(part),
            store.Location.StateDirectory);
        store.Remount();

        var finding = Assert.Single(store.Look(), finding => finding.Kind == OverlayFindingKind.CopiedUpFragment);
        Assert.Equal((part, StoreFindingSeverity.Error, StoreLayer.Upper), (finding.Path, finding.Severity, finding.Layer));
    }

    /// <summary>What a kill leaves: the fragment in a staging directory that nobody holds.</summary>
    [SkippableFact]
    public void A_repair_goes_on_after_a_kill()
    {
        using var store = new OverlayUnderTest();
        var path = store.PathOf("app-2.0");
        OverlayUnderTest.Shell("chmod u+w $1; touch $1/added", store.InMerged(path));
        OverlayUnderTest.Shell("mkdir -m 700 $2/tmp-1-1; mv $1 $2/tmp-1-1/1", store.InUpper(path), store.Location.Overlay!.UpperLayer);

        Assert.Equal([OverlayRepairAction.Remount], store.Repair().Select(step => step.Action));
        Assert.Empty(store.Faults());
        store.Verifies();
    }

    /// <summary>Deletes a path of both layers by Nix. What it says.</summary>
    private static string DeleteFromUpper(OverlayUnderTest store, string path)
    {
        var result = store.TryNix("--delete", "--ignore-liveness", path);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Error;
    }

    /// <summary>A directory to which nothing refers.</summary>
    private static string LeafOf(OverlayUnderTest store) => store.PathOf("garbage-top");

    /// <summary>Two paths of which one needs the other, known to the overlay and deleted by the lower store.</summary>
    private static (string Top, string Bottom) DeletedBelow(OverlayUnderTest store)
    {
        using var below = new SmallStore(store.Lower);
        var bottom = below.Add("bottom");
        var top = below.Full(below.Add("top", bottom).Name);
        Assert.True(store.IsValid(top));
        store.NixBelow("--delete", top, below.Full("bottom"));
        return (top, below.Full("bottom"));
    }
}
