using NixStore.Engine.Planning;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Planning;

public sealed class PlanTests : IDisposable
{
    private readonly PlanningLab _lab = new("a", "b", "c");

    public PlanTests() => _lab.Store.Add("lone");

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_plan_says_what_it_is_of()
    {
        var plan = PlanningLab.Plan(_lab.Survey("a"));

        Assert.Equal(_lab.Store.Location.Url, plan.Store);
        Assert.Equal(3, plan.Count);
        Assert.Equal(1, plan.KeptCount);
        Assert.Equal(new StorePlanRoot("/gcroots/a", _lab.Store.Full("a")), Assert.Single(plan.Roots));
        Assert.Equal(plan.Items.Sum(item => item.ReclaimableSize), plan.ReclaimableSize);
        Assert.Equal(64, plan.Digest.Length);
    }

    [Fact]
    public void A_saved_plan_is_the_same_when_it_is_read()
    {
        var policy = new StoreGarbagePolicy
        {
            RegisteredBefore = DateTimeOffset.UtcNow, MaxFreed = long.MaxValue, EnsureFreePercent = 99.5, Include = ["*-a", "ü?<>"], AssumeRemoved = ["/x y"],
        };
        var plan = PlanningLab.Plan(_lab.Survey(), policy);
        var read = StoreGarbagePlan.FromJson(plan.ToJson(), "x");

        Assert.Equal(plan.ToJson(), read.ToJson());
        Assert.Equal(plan.Digest, read.Digest);
        Assert.Equal(plan.Items, read.Items);
        Assert.Equal(plan.Policy.ToString(), read.Policy.ToString());
    }

    [Fact]
    public void A_plan_that_was_changed_or_cut_off_is_refused()
    {
        var json = PlanningLab.Plan(_lab.Survey()).ToJson();
        string[] damaged =
        [
            "", "null", "[]", "{}", "{\"plan\":3}", "{\"plan\":{\"version\":\"x\"}}", json[..^20], json.Replace(_lab.Store.Full("a"), _lab.Store.Full("x"), StringComparison.Ordinal),
            json.Replace("\"keptCount\": 0", "\"keptCount\": null", StringComparison.Ordinal), json.Replace("\"items\":", "\"item\":", StringComparison.Ordinal),
            json.Replace("\"host\": \"", "\"host\": \"not", StringComparison.Ordinal),
        ];
        foreach (var text in damaged)
        {
            Assert.NotEqual(json, text);
            Assert.Equal("PlanDamaged", Assert.Throws<NixStoreException>(() => StoreGarbagePlan.FromJson(text, "x")).ErrorId);
        }
    }

    [Fact]
    public void A_plan_of_a_newer_version_is_told_from_a_damaged_one()
    {
        var json = PlanningLab.Plan(_lab.Survey()).ToJson().Replace("\"version\": 1", "\"version\": 2, \"news\": true", StringComparison.Ordinal);

        Assert.Equal("PlanTooNew", Assert.Throws<NixStoreException>(() => StoreGarbagePlan.FromJson(json, "x")).ErrorId);
    }

    [Fact]
    public void A_plan_file_that_cannot_be_read_is_a_typed_error()
    {
        Assert.Equal("PathNotFound", Assert.Throws<NixStoreException>(() => PlanFile.Read(_lab.Store.Beside("none/x.json"))).ErrorId);
        Assert.Equal("AccessDenied", Assert.Throws<NixStoreException>(() => PlanFile.Read(_lab.Store.Root)).ErrorId);
    }

    [Fact]
    public void Nothing_is_dropped_where_nothing_has_happened()
    {
        var plan = PlanningLab.Plan(_lab.Survey());
        var (items, dropped) = GarbagePlanner.Recheck(_lab.Survey(), plan);

        Assert.Equal(plan.Items.Select(item => item.Path), items.Select(item => item.Path));
        Assert.Empty(dropped);
    }

    [Fact]
    public void What_came_alive_stays_with_a_reason_that_names_the_root()
    {
        var plan = PlanningLab.Plan(_lab.Survey());
        var (items, dropped) = GarbagePlanner.Recheck(_lab.Survey("b"), plan);

        Assert.Equal(["c", "lone"], PlanningLab.Names(items).Order());
        Assert.Equal(["b", "a"], PlanningLab.Names(dropped.Select(item => item.Path)));
        Assert.All(dropped, item => Assert.Equal(CollectionOutcome.InUse, item.Outcome));
        Assert.Equal("the root /gcroots/b keeps it", dropped[0].Reason);
        Assert.Equal($"the root /gcroots/b keeps it by way of {_lab.Store.Full("b")}", dropped[1].Reason);
    }

    [Fact]
    public void What_something_new_refers_to_stays_and_so_does_what_that_needs()
    {
        var plan = PlanningLab.Plan(_lab.Survey());
        _lab.Store.Add("new", SmallStore.PathOf("b"));
        var (items, dropped) = GarbagePlanner.Recheck(_lab.Survey(), plan);

        Assert.Equal(["c", "lone"], PlanningLab.Names(items).Order());
        Assert.Equal(["b", "a"], PlanningLab.Names(dropped.Select(item => item.Path)));
        Assert.Equal("something that is not in the plan refers to it", dropped[0].Reason);
    }

    [Fact]
    public void What_is_gone_is_said_to_be()
    {
        var plan = PlanningLab.Plan(_lab.Survey());
        _lab.Store.Sql($"delete from ValidPaths where path = '{_lab.Store.Full("lone")}'");
        File.Delete(_lab.Store.Location.RealPathOf(SmallStore.PathOf("lone")));
        var dropped = Assert.Single(GarbagePlanner.Recheck(_lab.Survey(), plan).Dropped);

        Assert.Equal(CollectionOutcome.Gone, dropped.Outcome);
        Assert.Null(dropped.Reason);
    }

    [Fact]
    public void What_was_made_anew_is_another_thing()
    {
        _lab.SetTime("lone", 1);
        var plan = PlanningLab.Plan(_lab.Survey("c"));
        _lab.SetTime("lone", 2);
        var (items, dropped) = GarbagePlanner.Recheck(_lab.Survey("c"), plan);

        Assert.Empty(items);
        Assert.Equal("it was registered anew after the plan was made", Assert.Single(dropped).Reason);
    }

    [Fact]
    public void A_plan_of_another_store_is_refused()
    {
        using var other = new PlanningLab("a", "b", "c");
        var plan = PlanningLab.Plan(other.Survey());

        Assert.Equal("PlanOfOtherStore", Assert.Throws<NixStoreException>(() => GarbagePlanner.Recheck(_lab.Survey(), plan)).ErrorId);
        Assert.Equal("PlanOfOtherStore",
            Assert.Throws<NixStoreException>(() => PlanComparer.Compare(plan, PlanningLab.Plan(_lab.Survey())).ToList()).ErrorId);
    }

    [Fact]
    public void Plans_differ_in_roots_and_paths()
    {
        var before = PlanningLab.Plan(_lab.Survey([_lab.Root("c") with { Link = "/1" }, _lab.Root("lone") with { Link = "/2" }]));
        var after = PlanningLab.Plan(_lab.Survey([_lab.Root("b") with { Link = "/1" }, _lab.Root("a") with { Link = "/3" }]));
        var back = PlanComparer.Compare(after, before).ToList();

        Assert.Equal(["RootMoved /1", "RootVanished /2", "RootAppeared /3", $"Died {_lab.Store.Full("c")}", $"Died {_lab.Store.Full("lone")}"],
            PlanComparer.Compare(before, after).Select(difference => difference.ToString()).Order(StringComparer.Ordinal)
                .OrderBy(text => text.StartsWith("Died", StringComparison.Ordinal)).ThenBy(text => text[^2..] is "/1" ? 0 : text[^2..] is "/2" ? 1 : 2).ThenBy(text => text, StringComparer.Ordinal));
        Assert.Equal(2, back.Count(difference => difference is { Change: StorePlanChange.Dropped, ReclaimableSize: > 0, Link: null }));
        Assert.Empty(PlanComparer.Compare(before, before));
    }

    [Fact]
    public void What_a_collection_would_free_is_known_before()
    {
        var survey = _lab.Survey("a");

        Assert.Equal(3, GarbagePlanner.Predict(survey, null, 2, CancellationToken.None).Count);
        Assert.Equal(PlanningLab.Plan(survey).ReclaimableSize, GarbagePlanner.MeasureReclaimable(survey, 2, CancellationToken.None));
        Assert.Empty(GarbagePlanner.Predict(_lab.Survey("c", "lone"), PlanningLab.Plan(survey), 2, CancellationToken.None));
    }
}
