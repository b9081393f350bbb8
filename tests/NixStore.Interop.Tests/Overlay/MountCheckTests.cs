using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>Why Nix's check of the mount passes or fails (NIX-ON-DAMAGE §4.4): real Nix on real mounts, and the cause that is found.</summary>
public sealed class MountCheckTests
{
    private const string Plain = "mount -t overlay overlay -o lowerdir=$L,upperdir=$U,workdir=$W $M";

    [SkippableTheory]
    [InlineData("mount -t overlay none -o lowerdir=$L,upperdir=$U,workdir=$W $M", "MountSourceName")]
    [InlineData("mount -t overlay overlay -o lowerdir=$L/,upperdir=$U,workdir=$W $M", "MountTrailingSlash")]
    [InlineData("mount -t overlay overlay -o lowerdir=$L,upperdir=$U/,workdir=$W $M", "MountTrailingSlash")]
    [InlineData("ln -s $L $D/link; mount -t overlay overlay -o lowerdir=$D/link,upperdir=$U,workdir=$W $M", "MountSymbolicLink")]
    [InlineData("ln -s $U $D/link; mount -t overlay overlay -o lowerdir=$L,upperdir=$D/link,workdir=$W $M", "MountSymbolicLink")]
    [InlineData("cd $D; mount -i -t overlay overlay -o lowerdir=lower/nix/store,upperdir=$U,workdir=$W $M", "MountRelativePath")]
    [InlineData("mkdir $D/more; mount -t overlay overlay -o lowerdir=$L:$D/more,upperdir=$U,workdir=$W $M", "MountSeveralLowers")]
    [InlineData("mkdir $D/more; mount -t overlay overlay -o lowerdir=$D/more:$L,upperdir=$U,workdir=$W $M", "MountSeveralLowers")]
    [InlineData("mount -t overlay overlay -o lowerdir+=$L,upperdir=$U,workdir=$W $M", "MountNewInterface")]
    [InlineData("mount -t overlay none -o lowerdir=$L,upperdir=$U/,workdir=$W $M", "MountSourceName", "MountTrailingSlash")]
    [InlineData("mkdir $D/first; mount -t overlay overlay -o lowerdir=$L,upperdir=$D/first,workdir=$W $M; rmdir $U; mv $D/first $U", "MountOtherNamespace")]
    public void A_right_mount_that_fails_is_explained(string script, params string[] kinds)
    {
        using var mounted = new Mounted(script);

        Assert.False(mounted.Passes);
        var found = mounted.Look();
        Assert.Equal(kinds, found.Select(finding => finding.Kind.ToString()));
        Assert.All(found, finding => Assert.Equal(StoreFindingSeverity.Error, finding.Severity));

        // Without the check Nix takes it, and so it is nothing to worry about.
        Assert.True(mounted.WithoutCheck().Passes);
        Assert.Equal(kinds.Select(kind => (kind, StoreFindingSeverity.Information)),
            mounted.WithoutCheck().Look().Select(finding => (finding.Kind.ToString(), finding.Severity)));
    }

    [SkippableTheory]
    [InlineData("", "MountMissing")]
    [InlineData("mount -t tmpfs none $M", "MountMissing")]
    [InlineData("mount -t overlay overlay -o lowerdir=$U,upperdir=$L,workdir=$D/work $M", "LayersSwapped")]
    [InlineData("mkdir $D/other; mount -t overlay overlay -o lowerdir=$L,upperdir=$D/other,workdir=$W $M", "MountOtherLayers")]
    [InlineData("mkdir $D/other; mount -t overlay overlay -o lowerdir=$D/other,upperdir=$U,workdir=$W $M", "MountOtherLayers")]
    [InlineData("mkdir $D/other; mount -t overlay overlay -o lowerdir=$L:$D/other $M", "MountOtherLayers")]
    public void A_wrong_mount_that_fails_is_wrong(string script, string kind)
    {
        using var mounted = new Mounted(script);

        Assert.False(mounted.Passes);
        Assert.Contains(mounted.Look(), finding => finding.Kind.ToString() == kind && finding.Severity == StoreFindingSeverity.Error);
        Assert.Contains(mounted.WithoutCheck().Look(), finding => finding.Kind.ToString() == kind && finding.Severity == StoreFindingSeverity.Error);
    }

    [SkippableTheory]
    [InlineData("with+plus")]
    [InlineData("with blank")]
    [InlineData("with:colon")]
    [InlineData("with,comma")]
    [InlineData("with[brackets]")]
    [InlineData("with(parentheses)")]
    public void Characters_that_the_check_cannot_compare_are_named(string directory)
    {
        using var mounted = new Mounted("", directory);
        OverlayMount.Mount(mounted.Store, $"{mounted.Root}/work");

        Assert.False(mounted.Passes);
        Assert.All(mounted.Look(), finding => Assert.Equal(OverlayFindingKind.MountSpecialCharacters, finding.Kind));
        Assert.NotEmpty(mounted.Look());
        Assert.True(mounted.WithoutCheck().Passes);
    }

    [SkippableTheory]
    [InlineData(Plain)]
    [InlineData("mount -t overlay overlay -o workdir=$W,upperdir=$U,lowerdir=$L $M")]
    [InlineData("mount -t overlay overlay -o lowerdir=$L,upperdir=$U,workdir=$W,index=on,metacopy=on $M")]
    [InlineData("mount -t overlay overlay -o lowerdir=$L,upperdir=$U,workdir=$W,userxattr $M")]
    public void What_passes_and_is_right_is_nothing_to_tell(string script)
    {
        using var mounted = new Mounted(script, "with.dot-ü");

        Assert.True(mounted.Passes);
        Assert.Empty(mounted.Look());
    }

    [SkippableFact]
    public void A_read_only_mount_passes_and_is_told()
    {
        using var mounted = new Mounted("mount -t overlay overlay -o ro,lowerdir=$L,upperdir=$U,workdir=$W $M");

        Assert.Equal(OverlayFindingKind.MountReadOnly, Assert.Single(mounted.Look()).Kind);
    }

    [SkippableTheory]
    [InlineData("ro")]
    [InlineData("nosuid,nodev,noexec,noatime")]
    public void A_remount_keeps_what_it_was_mounted_with(string options)
    {
        using var mounted = new Mounted($"mount -t overlay overlay -o {options},lowerdir=$L,upperdir=$U,workdir=$W $M");
        var before = MountLine.FindAt(mounted.Store.RealDirectory);

        OverlayMount.Remount(mounted.Store);

        Assert.Equal(before, MountLine.FindAt(mounted.Store.RealDirectory));
        Assert.Contains(options, before!.Options, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("; mount -t tmpfs none $M")]
    [InlineData("; mount -t tmpfs none $D/root/nix; mkdir -p $M $D/root/nix/var/nix")]
    public void What_lies_on_top_passes_and_is_wrong(string more)
    {
        using var mounted = new Mounted(Plain + more);

        Assert.True(MountCheck.Apply(mounted.Store, File.ReadAllText("/proc/self/mounts")).Passes);
        var finding = Assert.Single(mounted.Look(), finding => finding.Kind == OverlayFindingKind.MountHidden);
        Assert.Contains("passes all the same", finding.Cause, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_dot_that_matches_another_mount_passes_and_is_wrong()
    {
        using var mounted = new Mounted("O=${D%.dot}xdot/root/nix/store; mkdir -p $O; mount -t overlay overlay -o lowerdir=$L,upperdir=$U,workdir=$W $O", "with.dot");

        Assert.True(mounted.Passes);
        Assert.Equal([OverlayFindingKind.MountMatchesOther, OverlayFindingKind.UpperShared], mounted.Look().Select(finding => finding.Kind));
    }

    [SkippableFact]
    public void Fuse_is_named()
    {
        Skip.IfNot(Command.Exists("fuse-overlayfs"), "TOOLS MISSING: fuse-overlayfs");
        using var mounted = new Mounted("fuse-overlayfs -o lowerdir=$L,upperdir=$U,workdir=$W $M");

        Assert.False(mounted.Passes);
        Assert.Equal(OverlayFindingKind.MountFuse, Assert.Single(mounted.Look()).Kind);
        Assert.True(mounted.WithoutCheck().Passes);
    }

    [SkippableFact]
    public void Names_of_the_url_may_be_spelt_as_one_likes_but_for_links()
    {
        using var mounted = new Mounted(Plain);
        Command.Run("ln", "-s", $"{mounted.Root}/upper", $"{mounted.Root}/link");

        Assert.True(mounted.With(upper: $"{mounted.Root}/./upper/").Passes);
        Assert.Empty(mounted.With(upper: $"{mounted.Root}/./upper/").Look());
        Assert.False(mounted.With(upper: $"{mounted.Root}/link").Passes);
        Assert.Equal(OverlayFindingKind.MountSymbolicLink, Assert.Single(mounted.With(upper: $"{mounted.Root}/link").Look()).Kind);
    }

    [SkippableFact]
    public void A_link_on_the_way_to_the_lower_store_is_refused()
    {
        using var mounted = new Mounted("ln -s lower $D/link; mount -t overlay overlay -o lowerdir=$D/link/nix/store,upperdir=$U,workdir=$W $M");
        var linked = mounted.With(lower: $"{mounted.Root}/link");

        Assert.Contains("is a symlink", linked.Say(), StringComparison.Ordinal);
        Assert.Equal(OverlayFindingKind.SymbolicLinkInPath, Assert.Single(linked.Look()).Kind);
    }

    [SkippableFact]
    public void E13_a_read_only_lower_store_must_be_opened_so()
    {
        using var mounted = new Mounted($"""
            HOME=$D NIX_REMOTE= NIX_CONFIG= {PhysicalNix.Program("nix234-store")} --store "local?root=$D/lower" --add $D/hook
            mount --bind $D/lower $D/lower; mount -o remount,bind,ro $D/lower; {Plain}
            """);
        var writable = mounted.With(isReadOnly: false);

        Assert.Contains("remounting", writable.Say(), StringComparison.Ordinal);
        Assert.Equal(OverlayFindingKind.LowerNotReadOnly, Assert.Single(writable.Look()).Kind);
        Assert.Equal("", mounted.Say());
        Assert.Empty(mounted.Look());
    }

    [SkippableFact]
    public void E14_features_that_are_off_are_named()
    {
        using var mounted = new Mounted(Plain);
        var found = new List<OverlayFinding>();
        Engine.Overlay.Examination.OverlayExaminer.Examine(
            mounted.Store, new Engine.Overlay.Examination.OverlayExaminationOptions { Configuration = new NixConfiguration() }, found.Add, CancellationToken.None);

        Assert.Equal(["local-overlay-store", "read-only-local-store"], found.Where(finding => finding.Kind == OverlayFindingKind.FeatureDisabled)
            .Select(finding => finding.Detail.Split(' ')[3]));
        Assert.Contains("experimental Nix feature 'read-only-local-store' is disabled", mounted.Say(feature: "local-overlay-store"), StringComparison.Ordinal);
        Assert.Contains("experimental Nix feature 'local-overlay-store' is disabled", mounted.Say("nix226-store", "read-only-local-store"), StringComparison.Ordinal);

        // Newer ones forgot to ask.
        Assert.Equal("", mounted.Say("nix234-store", "read-only-local-store"));
    }

    [SkippableTheory]
    [InlineData("mkdir $D/root/nix/var/nix/other; W=$D/root/nix/var/nix/other; touch $W/mine; describe", "WorkDirectoryNotEmpty")]
    [InlineData("W=$D/nowhere; describe", "WorkDirectoryMissing")]
    [InlineData("mkdir $U/work; W=$U/work; describe", "WorkDirectoryOverlaps")]
    [InlineData("mkdir $D/memory; mount -t tmpfs none $D/memory; W=$D/memory; describe", "WorkDirectoryOtherFileSystem")]
    [InlineData("rmdir $U", "UpperMissing")]
    [InlineData("mkdir -p $U/nix/store", "UpperIsStoreRoot")]
    [InlineData("mv $L $D/away", "LowerMissing")]
    [InlineData("mv $L/* $U", "LayersSwapped")]
    [InlineData(Plain + "; mkdir $D/more; mount -t overlay other -o lowerdir=$L,upperdir=$U,workdir=$D/more2 $D/more", "UpperShared")]
    public void Directories_that_do_not_fit_are_named(string script, string kind)
    {
        using var mounted = new Mounted("describe() { echo \"{\\\"Store\\\":\\\"\\\",\\\"Path\\\":\\\"\\\",\\\"WorkDirectory\\\":\\\"$W\\\"}\" > $D/root/nix/var/nix/nixstore-overlay.json; }; mkdir -p $D/more2; " + script);

        Assert.Contains(kind, mounted.Look().Select(finding => finding.Kind.ToString()));
        Assert.DoesNotContain(mounted.Look(), finding => finding.Kind == OverlayFindingKind.CheckFailed);
    }

    [SkippableFact]
    public void Layers_within_each_other_are_named()
    {
        using var mounted = new Mounted("mkdir $L/upper");

        Assert.Contains(mounted.With(upper: $"{mounted.Root}/lower/nix/store/upper").Look(), finding => finding.Kind == OverlayFindingKind.LayersOverlap);
    }
}
