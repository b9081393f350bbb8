using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;

namespace NixStore.Engine.Tests.Planning;

public sealed class NamedGarbageTests : IDisposable
{
    private readonly PlanningLab _lab = new("a", "b", "c");
    private readonly List<NixStoreException> _errors = [];

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void What_is_named_goes_in_order_whatever_the_order_of_the_names()
    {
        Assert.Equal(["c", "b", "a"], Choose(_lab.Survey(), false, "a", "b", "c", "a"));
        Assert.Empty(_errors);
    }

    [Fact]
    public void What_others_refer_to_stays_and_they_are_named()
    {
        Assert.Equal(["c"], Choose(_lab.Survey(), false, "a", "c"));
        var error = Assert.Single(_errors);
        Assert.Equal(["PathInUse", _lab.Store.Full("a")], [error.ErrorId, error.Target!]);
        Assert.Contains(_lab.Store.Full("b"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Referrers_go_along_where_that_is_wanted() => Assert.Equal(["c", "b", "a"], Choose(_lab.Survey(), true, "a"));

    [Fact]
    public void What_is_alive_stays_and_the_reason_is_said()
    {
        Assert.Equal(["c"], Choose(_lab.Survey("b"), true, "a", "c"));
        Assert.Equal("PathAlive", Assert.Single(_errors).ErrorId);
        Assert.Contains("/gcroots/b keeps it by way of", _errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_an_error()
    {
        Assert.Equal(["c"], Choose(_lab.Survey(), false, "c", "nothing"));
        Assert.Equal("StorePathNotFound", Assert.Single(_errors).ErrorId);
    }

    [Fact]
    public void What_refers_to_itself_in_a_circle_is_an_error()
    {
        _lab.Store.Sql("insert into Refs values (1, 2)");

        Assert.Equal(["c"], Choose(_lab.Survey(), true, "a", "c"));
        Assert.Equal("ReferenceCycle", Assert.Single(_errors).ErrorId);
    }

    [Fact]
    public void Entries_that_are_not_registered_go_by_their_names_too()
    {
        File.WriteAllText($"{_lab.Store.Location.RealDirectory}/foreign", "x");
        Directory.CreateDirectory(_lab.Store.Location.LinksDirectory);
        File.WriteAllText($"{_lab.Store.Location.LinksDirectory}/unused", "x");

        Assert.Equal(["foreign", "unused"], PlanningLab.Names(
            NewChooser(_lab.Survey("c")).Choose(["/nix/store/foreign", "/nix/store/.links/unused"], false, _errors.Add)));
        Assert.Empty(_errors);
    }

    [Fact]
    public void A_process_of_ones_own_is_named()
    {
        var survey = _lab.Survey([_lab.Root("a") with
        {
            Kind = StoreRootKind.Runtime, Origin = StoreRootOrigin.OpenFile, Link = "/proc/7/fd/3", Pid = 7, ProcessName = "bash",
        }]);

        Assert.StartsWith("the process bash (7) keeps it; your own shell (bash, pid 7) keeps it",
            new LifeReasons(survey, new OwnProcesses([8, 7])).Of(survey.Graph.Find(_lab.Store.Full("a"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Roots_taken_for_removed_are_those_that_a_link_names_or_leads_by()
    {
        var assumed = new AssumedRoots(_lab.Store.Location, ["/gcroots/a", $"{_lab.Store.Root}/home/result", "/typo"]);
        var indirect = _lab.Root("b") with { Link = "/gcroots/auto/x", Target = "/home/result", Origin = StoreRootOrigin.IndirectLink };

        Assert.True(assumed.Covers(_lab.Root("a")));
        Assert.True(assumed.Covers(indirect));
        Assert.False(assumed.Covers(_lab.Root("c")));
        Assert.Equal(["/typo"], assumed.NotFound);
    }

    private static NamedGarbage NewChooser(StoreSurvey survey) => new(survey, new LifeReasons(survey, new OwnProcesses([])).Of);

    private IEnumerable<string> Choose(StoreSurvey survey, bool includeReferrers, params string[] names)
        => PlanningLab.Names(NewChooser(survey).Choose(Array.ConvertAll(names, _lab.Store.Full), includeReferrers, _errors.Add));
}
