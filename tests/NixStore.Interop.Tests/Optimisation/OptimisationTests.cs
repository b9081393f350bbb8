using NixStore.Engine.Optimisation;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Optimisation;

/// <summary>Optimising beside real Nix: both do the same, each believes the other, and unlike Nix we spread no damage and survive any kill.</summary>
public sealed class OptimisationTests
{
    private const int Kills = 12;

    [SkippableFact]
    public void Both_make_the_same_links_and_leave_each_other_nothing_to_do()
    {
        using var ours = new StoreUnderTest(optimised: false);
        using var theirs = StoreUnderTest.CopyOf(ours);
        var result = Optimise(ours);
        Assert.Equal(0, PhysicalNix.Store(theirs.Root, "--optimise").ExitCode);

        Assert.True(result.FilesLinked > 0);
        Assert.Equal(Names(theirs), Names(ours));
        Assert.Equal(Sharing(theirs), Sharing(ours));
        var before = Inodes(ours);
        var second = PhysicalNix.Store(ours.Root, "--optimise");
        Assert.Contains("hard-linking 0 files", second.Output + second.Error, StringComparison.Ordinal);
        Assert.Equal(before, Inodes(ours));

        var afterNix = Inodes(theirs);
        var nothing = Optimise(theirs);
        Assert.Equal((0, 0), (nothing.FilesLinked, nothing.LinksCreated));
        Assert.Equal(afterNix, Inodes(theirs));

        var verified = PhysicalNix.Verify(ours.Root);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.DoesNotContain(ours.Check(), path => path.Invalid);
    }

    [SkippableFact]
    public void A_damaged_link_is_spread_by_Nix_and_not_by_us()
    {
        using var ours = new StoreUnderTest(optimised: true);
        ours.Damage("i6-links-repaired-then-optimise");
        using var theirs = StoreUnderTest.CopyOf(ours);
        Assert.DoesNotContain(ours.Check(), path => path.Invalid);

        Assert.Equal(0, PhysicalNix.Store(theirs.Root, "--optimise").ExitCode);
        Assert.Contains(theirs.Check(), path => path.Invalid);

        var errors = new List<NixStoreException>();
        var result = Optimise(ours, errors);
        Assert.Equal("LinkCorrupt", Assert.Single(errors).ErrorId);
        Assert.Equal((1, 1), (result.BadLinks, result.BadLinksMended));
        Assert.DoesNotContain(ours.Check(), path => path.Invalid);
        var verified = PhysicalNix.Verify(ours.Root);
        Assert.True(verified.ExitCode == 0, verified.Error);
    }

    [SkippableFact]
    public void Killed_at_any_call_it_leaves_a_valid_store_and_is_completed_by_us_and_by_Nix()
    {
        using var fresh = new StoreUnderTest(optimised: false);
        var contents = Contents(fresh);
        List<KillPoint> points;
        using (var store = StoreUnderTest.CopyOf(fresh))
        {
            var run = TracedRun.Run(Command(store));
            Assert.True(run.Result.ExitCode == 0, run.Result.Error);
            points = [.. run.ChangesBelow(store.Location.RealDirectory).Select(call => KillPoint.Of(call, run, store.Root))];
        }

        // Some of each kind of call, others on each run.
        var chosen = points.GroupBy(point => point.Call.Name)
            .SelectMany(calls => calls.OrderBy(_ => Random.Shared.Next()).Take(Math.Max(1, Kills / points.Select(point => point.Call.Name).Distinct().Count()))).ToList();
        var report = new KillReport($"optimisation, system calls ({points.Count} that change something)");
        foreach (var point in chosen)
        {
            KillAttempts.At(point, exactly: false, report, call =>
            {
                using var store = StoreUnderTest.CopyOf(fresh);
                var run = TracedRun.Run(Command(store), call);
                Assert.Equal(contents, Contents(store));
                var verified = PhysicalNix.Verify(store.Root);
                Assert.True(verified.ExitCode == 0, $"killed at {point}: {verified.Error}");
                using (var copy = StoreUnderTest.CopyOf(store))
                {
                    Assert.Equal(0, PhysicalNix.Store(copy.Root, "--optimise").ExitCode);
                    Assert.Equal(contents, Contents(copy));
                }

                Optimise(store);
                Assert.Equal(contents, Contents(store));
                Assert.Equal((0, 0), Optimise(store) is var second ? (second.FilesLinked, second.LinksCreated) : default);
                return (run, [store.Root]);
            });
        }

        report.Write();
    }

    [SkippableTheory]
    [InlineData("linkat:error=EMLINK:when=5+")]
    [InlineData("linkat:error=ENOSPC:when=5..60")]
    [InlineData("renameat2:error=EMLINK:when=2+")]
    [InlineData("renameat2:error=EIO:when=1..3")]
    [InlineData("statx:error=EIO:when=400..420")]
    public void When_a_call_fails_the_rest_goes_on(string fault)
    {
        using var store = new StoreUnderTest(optimised: false);
        var contents = Contents(store);
        var run = TracedRun.RunInjecting(Command(store), fault);
        Assert.True(run.Result.ExitCode is 0 or 1, run.Result.Error);
        Assert.Equal(contents, Contents(store));
        Assert.Empty(Directory.EnumerateFileSystemEntries(store.Location.RealDirectory, ".tmp-link*"));
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    private static string[] Command(StoreUnderTest store) => [RescueProgram.Path, "optimise", "--jobs", "1", "--store", store.Root];

    private static StoreOptimisation Optimise(StoreUnderTest store, List<NixStoreException>? errors = null)
        => StoreOptimiser.Run(store.Location, new(), null, error => (errors ?? throw error).Add(error), new(), default);

    /// <summary>Everything but links and what may be left behind.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Contents(StoreUnderTest store)
        => TreeStates.Read(store.Location.RealDirectory).Where(entry => !entry.Key.StartsWith('.')).ToList();

    private static IEnumerable<string?> Names(StoreUnderTest store)
        => Directory.EnumerateFileSystemEntries(store.Location.LinksDirectory).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();

    private static string Inodes(StoreUnderTest store) => Find(store, "%i %n %m %T@");

    /// <summary>Which names share a file, and what it is like.</summary>
    private static string Sharing(StoreUnderTest store) => Find(store, "%n %m %s %T@");

    private static string Find(StoreUnderTest store, string format) => Laboratory("cd \"$0\"; find . -mindepth 1 -not -path ./.links -not -name '*.lock' -printf '%P " + format + "\\n' | sort", store);

    private static string Laboratory(string script, StoreUnderTest store)
        => Engine.Tests.Laboratory.Command.Run("/bin/bash", "-euc", script, store.Location.RealDirectory);
}
