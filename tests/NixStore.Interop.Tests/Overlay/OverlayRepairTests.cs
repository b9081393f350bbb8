using NixStore.Engine.Repair;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Kills;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>Repairing single paths of an overlay store; the lower store never changes, and real Nix finds everything right afterwards.</summary>
public sealed class OverlayRepairTests : IDisposable
{
    private const string Name = "libfoo3-1.3";
    private readonly OverlayLab _lab;
    private readonly RealNix _nix = RealNix.Require();
    private readonly LabStore _good;
    private readonly string _path;

    public OverlayRepairTests()
    {
        _good = LabStore.Signed();
        _lab = OverlayLab.OnLabStore();
        _path = _good.PathOf(Name);
        _nix.Store(_lab.Location, "--check-validity", _path);
    }

    public void Dispose()
    {
        _lab.Dispose();
        _good.Dispose();
    }

    [SkippableFact]
    public void What_is_damaged_in_the_lower_store_is_put_whole_into_the_upper_layer()
    {
        Damage(_lab.Lower.RealDirectory);

        var repair = Repair(_good.Location);

        Assert.Equal((RepairOutcome.Repaired, _good.Location.Url), (repair.Outcome, repair.Source));
        Assert.Equal(StoreLayer.Both, _lab.Location.Overlay!.LayerOf(Path.GetFileName(_path)));
        ExpectWhole();
    }

    [SkippableFact]
    public void What_is_damaged_in_the_upper_layer_shows_the_lower_stores_good_copy()
    {
        Command.Run("cp", "-a", Real(_lab.Lower.RealDirectory), Real(_lab.Upper));
        Damage(_lab.Upper);
        File.WriteAllText($"{Real(_lab.Upper)}/more", "");
        Remount();

        var repair = Repair();

        Assert.Equal((RepairOutcome.Repaired, _lab.Location.Overlay!.LowerUrl, 0), (repair.Outcome, repair.Source, repair.BytesWritten));
        Assert.False(Path.Exists(Real(_lab.Upper)));
        ExpectWhole();
    }

    [SkippableFact]
    public void What_is_damaged_in_both_is_replaced_and_nothing_of_the_lower_store_shows_through()
    {
        Command.Run("cp", "-a", Real(_lab.Lower.RealDirectory), Real(_lab.Upper));
        Damage(_lab.Upper);
        Damage(_lab.Lower.RealDirectory);
        File.WriteAllText($"{Real(_lab.Lower.RealDirectory)}/more", "");
        Remount();

        Assert.Equal(RepairOutcome.Repaired, Repair(_good.Location).Outcome);

        ExpectWhole();
    }

    [SkippableFact]
    public void What_a_whiteout_hides_comes_back()
    {
        Command.Run("rm", "-rf", Real(_lab.Location.RealDirectory));
        Assert.False(Path.Exists(Real(_lab.Location.RealDirectory)));

        Assert.Equal(_lab.Location.Overlay!.LowerUrl, Repair().Source);

        ExpectWhole();
        Assert.Empty(Command.Run("find", _lab.Upper, "-type", "c"));
    }

    [SkippableFact]
    public void What_a_whiteout_hides_is_replaced_where_the_lower_store_has_it_damaged()
    {
        Command.Run("rm", "-rf", Real(_lab.Location.RealDirectory));
        Damage(_lab.Lower.RealDirectory);
        Remount();

        Assert.Equal(_good.Location.Url, Repair(_good.Location).Source);

        ExpectWhole();
        Assert.Empty(Command.Run("find", _lab.Upper, "-type", "c"));
    }

    [SkippableFact]
    public void Metadata_of_the_lower_stores_files_are_left_to_the_lower_store()
    {
        Command.Run("/bin/sh", "-c", "touch -d 2020-01-01 $(find \"$0\" -type f | head -1)", Real(_lab.Lower.RealDirectory));
        Remount();

        var error = Assert.ThrowsAny<NixStoreException>(() => Repair());

        Assert.Contains($"Repair-StorePath -Store '{_lab.Lower.Url}", error.Remedy, StringComparison.Ordinal);
        Assert.False(Path.Exists(Real(_lab.Upper)));
    }

    [SkippableFact]
    public void A_piece_that_was_changed_through_the_mount_goes()
    {
        Damage(_lab.Location.RealDirectory);

        Assert.Equal(_lab.Location.Overlay!.LowerUrl, Repair().Source);

        ExpectWhole();
        Assert.False(Path.Exists(Real(_lab.Upper)));
    }

    [SkippableFact]
    public void What_only_the_upper_layer_has_is_repaired_as_in_any_store()
    {
        Directory.CreateDirectory(_lab.Beside("new"));
        File.WriteAllText(_lab.Beside("new/file"), "contents");
        var added = _nix.Store(_lab.Location, "--add", _lab.Beside("new")).Trim();
        var file = $"{_lab.Location.RealDirectory}/{Path.GetFileName(added)}/file";
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, "");
        using var other = new SmallStore();
        Assert.Equal(added, _nix.Store(other.Location, "--add", _lab.Beside("new")).Trim());

        Assert.Equal(RepairOutcome.Repaired, Repair(other.Location, added).Outcome);

        _nix.Store(_lab.Location, "--verify", "--check-contents");
        Assert.Equal("contents", File.ReadAllText(file));
    }

    private StorePathRepair Repair(StoreLocation? source = null, string? path = null)
    {
        var lower = TreeStates.Read(_lab.Lower.RealDirectory);
        using var content = source is null ? null : LocalStoreSource.Open(source);
        using var repairer = StoreRepairer.Open(
            _lab.Location, new RepairOptions { Sources = content is null ? [] : [content] }, CancellationToken.None);
        var repair = repairer.Repair(path ?? _path, CancellationToken.None);
        Assert.Equal(lower, TreeStates.Read(_lab.Lower.RealDirectory));
        return repair;
    }

    private void ExpectWhole()
    {
        var verified = _nix.TryStore(_lab.Location, "--verify", "--check-contents");
        Assert.True(verified.ExitCode == 0 && !verified.Error.Contains("modified", StringComparison.Ordinal), verified.Error);
        Assert.Equal(TreeStates.Read(Real(_good.Location.RealDirectory)), TreeStates.Read(Real(_lab.Location.RealDirectory)));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_lab.Upper), entry => Path.GetFileName(entry).StartsWith("tmp-", StringComparison.Ordinal));
    }

    private void Remount()
    {
        _lab.Unmount();
        _lab.Mount();
    }

    private string Real(string directory) => $"{directory}/{Path.GetFileName(_path)}";

    private void Damage(string directory)
        => Command.Run("/bin/sh", "-c", "f=$(find \"$0\" -type f | head -1); chmod u+w $f; echo bad > $f", Real(directory));
}
