using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>A repair of garbage while a real collection runs: either the path is repaired and stays, or it was gone first.</summary>
[Collection(LabCollection.Name)]
public sealed class CollectorTests(Lab lab)
{
    [SkippableFact]
    public void After_the_roots_were_read_a_repair_saves_its_path_from_the_collection()
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c8-garbage-bitflip");
        var path = store.PathOf("garbage");
        var found = store.Check();
        using var directory = new TemporaryDirectory();
        using var collector = new PausedCollector(RealNix.Require(), store.Location, 2, directory.Path);

        // Kept from here on by the temporary root that the repairer holds until it is closed: the collection ends before that.
        var (repairs, errors) = store.Repair(found, lab.CacheOf(optimised: false), whileOpen: () => collector.Finish());

        Assert.Empty(errors);
        Assert.Equal(RepairOutcome.Repaired, Assert.Single(repairs).Outcome);
        Assert.Contains("garbage", Path.GetFileName(path), StringComparison.Ordinal);
        Assert.Equal(path, store.PathOf("garbage"));
        Assert.DoesNotContain(store.Check(), checkedPath => checkedPath.Invalid);
    }

    [SkippableFact]
    public async Task Before_the_roots_are_read_a_repair_waits_and_is_consistent_afterwards()
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c8-garbage-bitflip");
        var found = store.Check();
        using var directory = new TemporaryDirectory();
        using var collector = new PausedCollector(RealNix.Require(), store.Location, 1, directory.Path);

        var repair = Task.Run(() => store.Repair(found, lab.CacheOf(optimised: false)));
        Assert.NotSame(repair, await Task.WhenAny(repair, Task.Delay(TimeSpan.FromSeconds(1))));
        collector.Finish();
        var (repairs, errors) = await repair;

        Assert.True(repairs is [{ Outcome: RepairOutcome.Repaired }] || errors is [{ ErrorId: "PathNotRegistered" }],
            string.Join('\n', errors.Select(error => error.Message)));
        Assert.DoesNotContain(store.Check(), path => path.Invalid);
    }
}
