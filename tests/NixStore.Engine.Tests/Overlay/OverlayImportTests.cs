using NixStore.Engine.Backups;
using NixStore.Engine.Checkup;
using NixStore.Engine.Database;
using NixStore.Engine.Doctor;
using NixStore.Engine.Examination;
using NixStore.Engine.Optimisation;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Transfer;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Overlay;

public sealed class OverlayImportTests
{
    [SkippableFact]
    public void A_path_whose_references_only_the_lower_store_has_brings_their_rows()
    {
        using var lab = OverlayLab.OnSmallStore("a", "b");
        using var other = new SmallStore("a", "b", "c");

        var imported = Import(lab.Location, other.Location, SmallStore.PathOf("c"));

        Assert.Equal([(SmallStore.PathOf("c"), false)], imported);
        using var own = StoreDatabase.OpenForReading(lab.Location.Own);
        Assert.Equal(["a", "b", "c"], own.ReadNames().Select(path => path[^1..]).Order());
        Assert.Equal([SmallStore.PathOf("c").BaseName], EntriesOf(lab.Upper));
    }

    [SkippableFact]
    public void What_the_lower_store_has_is_valid_and_not_written_again()
    {
        var nix = RealNix.Require();
        using var lab = OverlayLab.OnLabStore();
        using var source = LocalStoreSource.Open(lab.Lower);
        using var rows = StoreDatabase.OpenForReading(lab.Lower);
        var paths = rows.ReadNames().Select(lab.Lower.Directory.Parse).ToList();

        var imported = Import(lab.Location, lab.Lower, [.. paths]);

        Assert.All(imported, path => Assert.True(path.WasValid));
        Assert.Empty(EntriesOf(lab.Upper));
        using var own = StoreDatabase.OpenForReading(lab.Location.Own);
        foreach (var path in rows.ReadNames())
        {
            var (ours, theirs) = (own.Find(path)!, rows.Find(path)!);
            Assert.Equal((theirs.Hash, theirs.NarSize, theirs.Deriver, theirs.Ultimate, theirs.Signatures, theirs.ContentAddress, theirs.RegistrationTime),
                (ours.Hash, ours.NarSize, ours.Deriver, ours.Ultimate, ours.Signatures, ours.ContentAddress, ours.RegistrationTime));
            Assert.Equal(theirs.References, ours.References);
            Assert.Equal(rows.FindOutputs(path), own.FindOutputs(path));
        }

        nix.Verify(lab.Location);
    }

    [SkippableFact]
    public void What_the_lower_store_has_without_a_row_is_replaced_whole_in_the_upper_layer()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        var path = lab.AddTree("new");
        var made = $"{lab.Upper}/{path.BaseName}";
        using var other = OverlayLab.On(lab.Lower);
        Command.Run("cp", "-a", made, lab.Lower.RealDirectory);
        Command.Run("rm", "-rf", $"{lab.Lower.RealPathOf(path)}/bin");
        File.WriteAllText($"{lab.Lower.RealPathOf(path)}/rubbish", "");
        other.Remount();
        var lower = Command.Run("find", lab.Lower.RealDirectory, "-ls");

        Assert.Equal([(path, false)], Import(other.Location, lab.Location, path));

        Command.Run("diff", "-r", made, other.Location.RealPathOf(path));
        Assert.Equal([path.BaseName], EntriesOf(other.Upper));
        Assert.Equal(lower, Command.Run("find", lab.Lower.RealDirectory, "-ls"));
    }

    [SkippableFact]
    public void A_lower_store_that_lost_a_reference_is_named()
    {
        using var lab = OverlayLab.OnSmallStore("a", "b");
        File.Delete(lab.Lower.RealPathOf(SmallStore.PathOf("a")));
        using var importer = PathImporter.Open(lab.Location, CancellationToken.None);

        var error = Assert.Throws<NixStoreException>(() => importer.ProtectIfValid(SmallStore.PathOf("b"), CancellationToken.None));

        Assert.Equal(("LowerClosureIncomplete", lab.Paths.Full("b")), (error.ErrorId, error.Target));
    }

    [SkippableFact]
    public void Nothing_is_written_where_the_overlay_is_not_mounted()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        lab.Unmount();

        Assert.Equal("OverlayNotMounted", Assert.Throws<NixStoreException>(() => PathImporter.Open(lab.Location, CancellationToken.None)).ErrorId);
    }

    [SkippableFact]
    public void Whole_stores_are_weighed_without_overlays()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        var store = lab.Location;
        var none = CancellationToken.None;

        Action[] refused =
        [
            () => StoreDoctor.Diagnose(store, new DoctorOptions(), none),
            () => StoreDoctor.Repair(store, new DoctorOptions(), none),
            () => DatabaseExaminer.Examine(store, new DatabaseExaminationOptions(), _ => { }, new ExaminationProgress(), none),
            () => StoreExaminer.Examine(store, new CheckupOptions(), _ => { }, new CheckupProgress(), none),
            () => StoreOptimiser.Run(store, new OptimisationOptions(), null, _ => { }, new VerificationProgress(), none),
            () => DatabaseRestorer.Predict(store, "/none", false, none),
        ];

        Assert.All(refused, act => Assert.Equal("OverlayNotSupported", Assert.Throws<NixStoreException>(act).ErrorId));
    }

    [SkippableFact]
    public void A_backup_has_the_own_rows()
    {
        using var lab = OverlayLab.OnSmallStore("a");
        lab.Paths.Add("b");

        var backup = DatabaseBackups.Make(lab.Location, lab.Beside("backups"), false, CancellationToken.None);

        Assert.Equal(1, backup.Rows);
    }

    private static List<(StorePath Path, bool WasValid)> Import(StoreLocation store, StoreLocation from, params StorePath[] paths)
    {
        var imported = new List<(StorePath, bool)>();
        using var source = LocalStoreSource.Open(from);
        using var importer = PathImporter.Open(store, CancellationToken.None);
        new SourceImporter(importer, source, ImportTrust.Everything, 2).Import(
            paths, true, path => { lock (imported) { imported.Add((path.Path, path.WasValid)); } }, (_, error) => throw error, CancellationToken.None);
        return imported;
    }

    private static string[] EntriesOf(string directory)
        => [.. Directory.EnumerateFileSystemEntries(directory).Select(entry => Path.GetFileName(entry)).Where(name => name != ".links")];
}
