using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>Roots and profiles that keep nothing, or at which Nix's collection ends.</summary>
public sealed class RootsTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b");

    public void Dispose() => _store.Dispose();

    private string Roots => $"{_store.Location.StateDirectory}/gcroots";

    private string Profiles => $"{_store.Location.StateDirectory}/profiles";

    [Theory]
    [InlineData("loop1/x")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_link_at_which_a_collection_ends_is_set_aside(string target)
    {
        Link(Roots, "loop1", "loop2");
        Link(Roots, "loop2", "loop1");
        Directory.CreateDirectory($"{Roots}/below");
        Link($"{Roots}/below", "bad", target.StartsWith("loop", StringComparison.Ordinal) ? $"../{target}" : target);

        var finding = Upkept.Fault(_store.Location);
        Assert.Equal(("RootUnusable", StoreFindingArea.Root, StoreFindingSeverity.Error), (finding.Kind, finding.Area, finding.Severity));
        Assert.Equal($"{Roots}/below/bad", finding.Path);
        Assert.Equal(StoreRepairStepKind.MendRoot, Assert.Single(Upkept.Mend(_store.Location)).Kind);

        Assert.Equal(["below/bad"], Upkept.SetAside(_store.Location));
        Assert.All(Upkept.Of(_store.Location).Where(found => found.Area == StoreFindingArea.Root), found => Assert.Equal("RootLoop", found.Kind));
    }

    [Fact]
    public void What_only_keeps_nothing_is_worth_knowing_and_stays()
    {
        Link(Roots, "gone", "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-gone");
        Link(Roots, "loop", "loop");
        Link($"{Roots}/auto", "stale", $"{_store.Root}/result");
        Link($"{Roots}/auto", "stale-with-all", $"{_store.Root}/home/project/result");
        Link(Roots, "store", "/nix/store");
        Link(Roots, "good", _store.Full("a"));

        var found = Upkept.Of(_store.Location);

        Assert.All(found, finding => Assert.Equal((StoreFindingArea.Root, StoreFindingSeverity.Information), (finding.Area, finding.Severity)));
        Assert.Equal(["gone RootDangling", "loop RootLoop", "stale RootStale", "stale-with-all RootStale"],
            found.Select(finding => $"{Path.GetFileName(finding.Path)} {finding.Kind}").Order(StringComparer.Ordinal));
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [Fact]
    public void A_root_of_something_that_has_lost_its_row_is_an_error()
    {
        Link(Roots, "b", _store.Full("b"));
        _store.Sql($"delete from Refs; delete from ValidPaths where path = '{_store.Full("b")}'");

        var finding = Upkept.Fault(_store.Location);

        Assert.Equal(("RootNotRegistered", StoreFindingSeverity.Error, $"{Roots}/b"), (finding.Kind, finding.Severity, finding.Path));
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [Fact]
    public void Where_the_database_cannot_tell_roots_are_not_judged_by_it()
    {
        Link(Roots, "b", _store.Full("b"));
        File.Delete(_store.Location.DatabasePath);

        Assert.Empty(Upkept.Of(_store.Location));
    }

    [Fact]
    public void A_root_by_way_of_two_links_is_ignored_by_Nix_and_told()
    {
        Link(_store.Root, "result", _store.Full("a"));
        Link(_store.Root, "result-of-result", "result");
        Link($"{Roots}/auto", "one", "/result");
        Link($"{Roots}/auto", "two", "/result-of-result");

        var finding = Upkept.Fault(_store.Location);

        Assert.Equal(("RootIgnored", StoreFindingSeverity.Warning, $"{Roots}/auto/two"), (finding.Kind, finding.Severity, finding.Path));
        Assert.Contains(_store.Full("a"), finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_on_a_file_system_that_is_not_mounted_is_told()
    {
        Directory.CreateDirectory($"{_store.Root}/etc");
        Directory.CreateDirectory($"{_store.Root}/home");
        File.WriteAllText($"{_store.Root}/etc/fstab", "# comment\nnone none swap\n/dev/sdb1 /home ext4 defaults 0 2\n");
        Link($"{Roots}/auto", "away", "/home/me/result");

        Assert.Equal("RootTargetAway", Upkept.Fault(_store.Location).Kind);
    }

    [Fact]
    public void A_profile_that_leads_nowhere_is_told()
    {
        Link(Profiles, "good-1-link", _store.Full("a"));
        Link(Profiles, "good", "good-1-link");
        Link(Profiles, "bad-1-link", _store.Full("a"));
        Link(Profiles, "bad", "bad-2-link");

        var finding = Upkept.Fault(_store.Location);

        Assert.Equal(("ProfileBroken", StoreFindingSeverity.Error, $"{Profiles}/bad"), (finding.Kind, finding.Severity, finding.Path));
        Assert.Contains("bad-2-link", finding.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_whose_path_is_gone_is_told()
    {
        Link(Profiles, "mine-1-link", _store.Full("b"));
        Link(Profiles, "mine", "mine-1-link");
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("b")));

        Assert.Equal("ProfileBroken", Upkept.Fault(_store.Location).Kind);
    }

    private static void Link(string directory, string name, string target) => Command.Run("ln", "-s", target, $"{directory}/{name}");
}
