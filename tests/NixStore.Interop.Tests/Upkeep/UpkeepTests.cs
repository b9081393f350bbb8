using NixStore.Engine.Upkeep;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Upkeep;

/// <summary>What is mended around paths and database is in order for real Nix, and what is said of it is what real Nix does.</summary>
public sealed class UpkeepTests
{
    /// <summary>Old and new: the oldest two end at a strange name in temproots (case k5).</summary>
    private static readonly string[] s_versions = ["nix234-store", "nix226-store", "nix28-store"];

    [SkippableTheory]
    [InlineData("i3-links-wrong-name", "LinkCorrupt")]
    [InlineData("i4-links-dir-missing", null)]
    [InlineData("i5-links-fifo", "LinkNotAFile")]
    [InlineData("i6-links-repaired-then-optimise", "LinkCorrupt")]
    public void Links_are_mended_for_Nix(string damage, string? kind)
    {
        using var store = new StoreUnderTest(optimised: true);
        store.Damage(damage);
        Assert.Equal(kind, Faults(store).SingleOrDefault());

        Mend(store);

        Assert.Empty(Faults(store));
        Succeeds(PhysicalNix.Verify(store.Root));
        Succeeds(PhysicalNix.Store(store.Root, "--optimise"));
        Succeeds(PhysicalNix.Verify(store.Root));
        Succeeds(PhysicalNix.Store(store.Root, "--gc", "--print-dead"));
        Assert.DoesNotContain(store.Check(), path => path.Invalid);
    }

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("k1-stale-lock", null)]
    [InlineData("k2-chroot-leftover", null)]
    [InlineData("k3-tmp-dirs", null)]
    [InlineData("k4-stale-temproots", null)]
    [InlineData("k5-temproots-nonnumeric", "TemporaryRootsNameInvalid")]
    [InlineData("k6-gc-socket-leftover", null)]
    [InlineData("k7-move-leftover", null)]
    [InlineData("k8-roots-broken", null)]
    public void Every_Nix_collects_beside_what_was_mended(string damage, string? kind)
    {
        using var store = new StoreUnderTest(optimised: false);
        var live = LiveInCopy(store);
        store.Damage(damage);
        Assert.Equal(kind, Faults(store).SingleOrDefault());

        Mend(store);

        Assert.Empty(Faults(store));
        Assert.All(s_versions, version => Succeeds(PhysicalNix.Run(store.Root, version, "--gc", "--print-dead")));
        Assert.Subset(Live(store), live);
    }

    [SkippableTheory]
    [InlineData("ln -s loop2 gcroots/loop1; ln -s loop1 gcroots/loop2; ln -s loop1/x gcroots/bad", "RootUnusable")]
    [InlineData("ln -s $(printf '%0300d' 0) gcroots/bad", "RootUnusable")]
    [InlineData("mkdir temproots/123", "TemporaryRootsNotAFile")]
    [InlineData(": > temproots/99999999999", "TemporaryRootsNameInvalid")]
    [InlineData("rm -rf gc-socket; : > gc-socket", "StateInTheWay")]
    [InlineData("mkdir -p gc-socket; rm -f gc-socket/socket; mkdir gc-socket/socket", "StateInTheWay")]
    [InlineData("rm -f gc.lock; mkdir gc.lock", "StateInTheWay")]
    [InlineData("rm -f db/big-lock; mkdir db/big-lock", "StateInTheWay")]
    [InlineData("rm -rf temproots; : > temproots", "StateNotADirectory")]
    [InlineData("rm -rf ../../store/.links; : > ../../store/.links", "LinksNotADirectory")]
    public void What_ends_a_collection_by_Nix_is_found_and_mended(string script, string kind)
    {
        using var store = new StoreUnderTest(optimised: false);
        var live = LiveInCopy(store);
        Command.Run("/bin/sh", "-euc", $"cd \"$0\"; {script}", store.Location.StateDirectory);
        Assert.NotEqual(0, PhysicalNix.Store(store.Root, "--gc", "--print-dead").ExitCode);
        Assert.Equal(kind, Assert.Single(Faults(store)));

        Mend(store);

        Assert.Empty(Faults(store));
        Assert.All(s_versions, version => Succeeds(PhysicalNix.Run(store.Root, version, "--gc", "--print-dead")));
        Assert.Subset(Live(store), live);
    }

    [SkippableTheory]
    [InlineData("gcroots")]
    [InlineData("profiles")]
    public void Roots_behind_a_link_are_none_for_Nix(string name)
    {
        using var store = new StoreUnderTest(optimised: false);
        var dead = store.PathOf("garbage-top");
        Command.Run("ln", "-s", dead, $"{store.Location.StateDirectory}/{name}/mine");
        Assert.Contains(dead, Live(store));
        Command.Run("/bin/sh", "-euc", $"cd \"$0\"; mv {name} elsewhere; ln -s elsewhere {name}", store.Location.StateDirectory);

        Assert.Equal("RootsDirectoryIsLink", Assert.Single(Faults(store)));
        Assert.DoesNotContain(dead, Live(store));
    }

    private static void Succeeds(CommandResult result) => Assert.True(result.ExitCode == 0, result.Error);

    private static HashSet<string> Live(StoreUnderTest store) => [.. PhysicalNix.Live(store.Root)];

    /// <summary>Asking leaves a socket behind and takes stale roots away.</summary>
    private static HashSet<string> LiveInCopy(StoreUnderTest store)
    {
        using var copy = StoreUnderTest.CopyOf(store);
        return Live(copy);
    }

    private static List<string> Faults(StoreUnderTest store)
    {
        var found = new List<string>();
        UpkeepExaminer.Examine(store.Location, new UpkeepOptions { CheckContents = true, Workers = 2 }, finding =>
        {
            if (finding.Severity > StoreFindingSeverity.Information)
            {
                found.Add(finding.Kind);
            }
        }, CancellationToken.None);
        return found;
    }

    private static void Mend(StoreUnderTest store)
    {
        var plan = UpkeepMender.Plan(store.Location, new UpkeepOptions { CheckContents = true, Workers = 2 }, CancellationToken.None);
        using var mender = UpkeepMender.Open(store.Location, TimeSpan.FromSeconds(10));
        foreach (var mend in plan)
        {
            mender.Apply(mend, CancellationToken.None);
        }
    }
}
