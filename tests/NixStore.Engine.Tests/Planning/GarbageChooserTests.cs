using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Planning;

public sealed class GarbageChooserTests : IDisposable
{
    // c needs b, b needs a; lone needs nothing.
    private readonly PlanningLab _lab = new("a", "b", "c");

    public GarbageChooserTests() => _lab.Store.Add("lone");

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Referrers_come_before_what_they_refer_to()
        => Assert.Equal(["c", "b", "a"], PlanningLab.Names(PlanningLab.Choose(_lab.Survey("lone"), new StoreGarbagePolicy())));

    [Fact]
    public void What_is_not_chosen_keeps_what_it_refers_to()
    {
        var survey = _lab.Survey();
        var isWanted = (string path) => !path.EndsWith("-b", StringComparison.Ordinal);

        Assert.Equal(["c", "lone"], PlanningLab.Names(PlanningLab.Choose(survey, new StoreGarbagePolicy(), isWanted)).Order());
    }

    [Fact]
    public void What_is_too_young_keeps_what_it_refers_to()
    {
        _lab.SetTime("a", 1000);
        _lab.SetTime("b", 2000);
        _lab.SetTime("c", 3000);
        _lab.SetTime("lone", 1500);

        Assert.Equal(["lone"], Before(3000));
        Assert.Equal(["a", "b", "c", "lone"], Before(3001));

        IEnumerable<string> Before(long seconds) => PlanningLab.Names(PlanningLab.Choose(
            _lab.Survey(), new StoreGarbagePolicy { RegisteredBefore = DateTimeOffset.FromUnixTimeSeconds(seconds) })).Order();
    }

    [Theory]
    [InlineData(StoreGarbageOrder.Age, new[] { "lone" })]
    [InlineData(StoreGarbageOrder.Size, new[] { "a", "b", "c" })]
    public void As_much_goes_as_is_wanted_in_the_order_that_is_wanted(StoreGarbageOrder order, string[] expected)
    {
        _lab.SetTime("lone", 1);
        _lab.Grow("a", 100_000);
        _lab.Grow("lone", 10_000);

        var chosen = PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { MaxFreed = 1, Order = order });

        Assert.Equal(expected, PlanningLab.Names(chosen).Order());
    }

    [Fact]
    public void A_path_goes_with_all_that_refers_to_it_or_not_at_all()
    {
        _lab.SetTime("a", 1);

        Assert.Equal(["c"], PlanningLab.Names(PlanningLab.Choose(_lab.Survey("lone"), new StoreGarbagePolicy { MaxPaths = 1 })));
        Assert.Equal(["c", "b"], PlanningLab.Names(PlanningLab.Choose(_lab.Survey("lone"), new StoreGarbagePolicy { MaxPaths = 2 })));
        Assert.Equal(["c", "b", "a"], PlanningLab.Names(PlanningLab.Choose(_lab.Survey("lone"), new StoreGarbagePolicy { MaxPaths = 3 })));
    }

    [Fact]
    public void Nothing_goes_where_nothing_is_wanted()
    {
        Assert.Empty(PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { MaxFreed = 0 }));
        Assert.Empty(PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { EnsureFree = 1 }));
        Assert.Empty(PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { EnsureFreePercent = 0 }));
        Assert.Empty(PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { MaxPaths = 0 }));
    }

    [Fact]
    public void All_goes_where_that_is_not_enough()
    {
        Assert.Equal(4, PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { EnsureFree = long.MaxValue / 2 }).Count);
        Assert.Equal(4, PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy { EnsureFreePercent = 100 }).Count);
    }

    [Fact]
    public void A_bound_on_what_is_freed_holds_whatever_is_to_be_free()
        => Assert.Single(PlanningLab.Choose(_lab.Survey("c"), new StoreGarbagePolicy { EnsureFreePercent = 100, MaxFreed = 1 }));

    [Fact]
    public void Only_kinds_that_are_wanted_go()
    {
        File.WriteAllText($"{_lab.Store.Location.RealDirectory}/foreign", "x");
        File.WriteAllText($"{_lab.Store.Location.RealDirectory}/{SmallStore.PathOf("stray").BaseName}", "x");
        File.Delete(_lab.Store.Location.RealPathOf(SmallStore.PathOf("lone")));
        var survey = _lab.Survey("c");

        Assert.Equal(["lone", "stray"], PlanningLab.Names(PlanningLab.Choose(survey, new StoreGarbagePolicy())).Order());
        Assert.Equal(["foreign"], PlanningLab.Names(PlanningLab.Choose(survey, new StoreGarbagePolicy { Kinds = [StoreGarbageKind.Foreign] })));
        Assert.Equal(["lone"], PlanningLab.Names(PlanningLab.Choose(survey, new StoreGarbagePolicy { Kinds = [StoreGarbageKind.Ghost] })));
    }

    [Fact]
    public void Sizes_are_those_of_what_goes_alone()
    {
        _lab.Grow("a", 8192);
        var lone = _lab.Store.Location.RealPathOf(SmallStore.PathOf("lone"));
        File.Delete(lone);
        Command.Run("ln", _lab.Store.Location.RealPathOf(SmallStore.PathOf("a")), lone);

        var both = PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy());
        Assert.Equal(8192, both.Where(item => PlanningLab.Names([item]).Single() is "a" or "lone").Sum(item => item.ReclaimableSize));
        Assert.Equal(0, Assert.Single(PlanningLab.Choose(_lab.Survey("c"), new StoreGarbagePolicy())).ReclaimableSize);
    }

    [SkippableFact]
    public void Times_of_use_are_asked_for_only_where_they_are_kept() => MountNamespace.Run(space =>
    {
        space.KeepNoAccessTimes(_lab.Store.Root);
        foreach (var policy in new StoreGarbagePolicy[] { new() { UnusedSince = DateTimeOffset.UtcNow }, new() { Order = StoreGarbageOrder.LastUse } })
        {
            var error = Assert.Throws<NixStoreException>(() => PlanningLab.Choose(_lab.Survey(), policy));
            Assert.Equal("AccessTimeNotKept", error.ErrorId);
        }

        Assert.Equal(4, PlanningLab.Choose(_lab.Survey(), new StoreGarbagePolicy()).Count);
    });
}
