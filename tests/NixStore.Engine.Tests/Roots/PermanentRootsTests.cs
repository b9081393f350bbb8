using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Roots;

public sealed class PermanentRootsTests : IDisposable
{
    private readonly RootLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("", StoreRootState.Active)]
    [InlineData("/bin/x", StoreRootState.Active)]
    public void A_link_into_the_store_is_a_direct_root(string rest, StoreRootState state)
    {
        var link = _lab.Link($"{_lab.GcRoots}/x", _lab.Full("a") + rest);

        var root = Assert.Single(_lab.Permanent());

        Assert.Equal((StoreRootKind.Permanent, StoreRootOrigin.DirectLink, state, _lab.Full("a"), link, _lab.Full("a") + rest),
            (root.Kind, root.Origin, root.State, root.Path, root.Link, root.Target));
        Assert.Equal(Environment.UserName, root.User);
        Assert.Equal(_lab.Location.Url, root.Store);
    }

    [Fact]
    public void A_path_that_is_not_registered_is_shown_as_such()
    {
        _lab.Link($"{_lab.GcRoots}/x", _lab.Full("absent"));

        Assert.Equal((StoreRootState.NotRegistered, _lab.Full("absent")), StateOf(Assert.Single(_lab.Permanent())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/.links")]
    [InlineData("/too-short")]
    public void What_names_no_store_path_is_no_root(string rest)
    {
        _lab.Link($"{_lab.GcRoots}/x", _lab.Location.Directory.Path + rest);

        Assert.Empty(_lab.Permanent());
    }

    [Fact]
    public void One_hop_is_followed_absolute_or_relative()
    {
        var result = _lab.Link($"{_lab.Root}/home/result", _lab.Full("a"));
        _lab.Link($"{_lab.GcRoots}/auto/one", result);
        _lab.Link($"{_lab.GcRoots}/auto/two", "../../../../../home/./result");

        var roots = _lab.Permanent();

        Assert.Equal(2, roots.Count);
        Assert.All(roots, root => Assert.Equal((StoreRootOrigin.IndirectLink, StoreRootState.Active, _lab.Full("a")), (root.Origin, root.State, root.Path)));
    }

    [Fact]
    public void A_second_hop_a_relative_one_a_loop_and_a_link_to_something_else_are_no_roots()
    {
        _lab.Link($"{_lab.Root}/home/last", _lab.Full("a"));
        _lab.Link($"{_lab.Root}/home/middle", $"{_lab.Root}/home/last");
        _lab.Link($"{_lab.GcRoots}/auto/two-hops", $"{_lab.Root}/home/middle");
        _lab.Link($"{_lab.GcRoots}/loop1", "loop2");
        _lab.Link($"{_lab.GcRoots}/loop2", "loop1");
        _lab.Link($"{_lab.GcRoots}/self", "self");
        _lab.Link($"{_lab.GcRoots}/directory", $"{_lab.Root}/home");

        Assert.Empty(_lab.Permanent());
    }

    [Fact]
    public void A_directory_is_entered_but_not_by_a_link()
    {
        _lab.Link($"{_lab.GcRoots}/.hidden/deep/.x", _lab.Full("a"));
        _lab.Link($"{_lab.Root}/elsewhere/y", _lab.Full("b"));
        _lab.Link($"{_lab.GcRoots}/linked", $"{_lab.Root}/elsewhere");

        Assert.Equal($"{_lab.GcRoots}/.hidden/deep/.x", Assert.Single(_lab.Permanent()).Link);
    }

    [Fact]
    public void A_file_with_the_name_of_a_path_is_a_root()
    {
        File.WriteAllText($"{_lab.GcRoots}/{Path.GetFileName(_lab.Full("a"))}", "");
        File.WriteAllText($"{_lab.GcRoots}/{Path.GetFileName(_lab.Full("absent"))}", "");
        File.WriteAllText($"{_lab.GcRoots}/README", "");

        var roots = _lab.Permanent();

        Assert.All(roots, root => Assert.Equal(StoreRootOrigin.FileName, root.Origin));
        Assert.Equal(
            [(StoreRootState.Active, _lab.Full("a")), (StoreRootState.NotRegistered, _lab.Full("absent"))],
            roots.Select(root => (root.State, root.Path!)).OrderBy(root => root.State));
    }

    [Fact]
    public void Generations_and_the_profile_that_points_at_one_are_roots()
    {
        _lab.Link($"{_lab.Profiles}/per-user/u/profile-1-link", _lab.Full("a"));
        _lab.Link($"{_lab.Profiles}/per-user/u/profile", "profile-1-link");
        _lab.Link($"{_lab.Profiles}/broken", "broken-7-link");

        var roots = _lab.Permanent().OrderBy(root => root.Link, StringComparer.Ordinal).ToList();

        Assert.All(roots, root => Assert.Equal(StoreRootOrigin.Profile, root.Origin));
        Assert.Equal([StoreRootState.Stale, StoreRootState.Active, StoreRootState.Active], roots.Select(root => root.State));
    }

    [Fact]
    public void A_name_that_is_gone_is_stale_and_the_link_stays()
    {
        _lab.MakeDirectory("home");
        var link = _lab.Link($"{_lab.GcRoots}/auto/x", $"{_lab.Root}/home/result");

        var root = Assert.Single(_lab.Permanent());

        Assert.Equal((StoreRootState.Stale, (string?)null), (root.State, root.Path));
        Assert.True(root.Stale);
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Theory]
    [InlineData("gone/result")]
    [InlineData("gone/deeper/result")]
    [InlineData("file/result")]
    [InlineData("loop/result")]
    public void A_directory_that_is_gone_may_come_back(string target)
    {
        File.WriteAllText($"{_lab.Root}/file", "");
        _lab.Link($"{_lab.Root}/loop", "loop");
        _lab.Link($"{_lab.GcRoots}/auto/x", $"{_lab.Root}/{target}");

        var root = Assert.Single(_lab.Permanent());

        Assert.Equal((StoreRootState.Unknown, (string?)null, false), (root.State, root.Path, root.Stale));
    }

    [Fact]
    public void Names_are_bytes()
    {
        Command.Run("/bin/sh", "-c", "d=$(printf '\\377'); mkdir \"$0/$d\"; ln -s \"$1\" \"$0/$d/result\"; ln -s \"$0/$d/result\" \"$2/$d\"",
            _lab.Root, _lab.Full("a"), _lab.GcRoots);

        var root = Assert.Single(_lab.Permanent());

        Assert.Equal((StoreRootState.Active, _lab.Full("a")), StateOf(root));
        Assert.Equal($"{_lab.GcRoots}/\\xff", root.Link);
    }

    [Fact]
    public void A_store_without_these_directories_has_none()
    {
        Directory.Delete(_lab.GcRoots, recursive: true);
        Directory.Delete(_lab.Profiles);

        Assert.Empty(_lab.Permanent());
    }

    [SkippableFact]
    public void Looking_changes_nothing()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: reading a link counts as an access for others");
        _lab.Link($"{_lab.GcRoots}/auto/stale", $"{_lab.Root}/result");
        _lab.Link($"{_lab.GcRoots}/x", _lab.Full("a"));
        Directory.CreateDirectory($"{_lab.Location.StateDirectory}/temproots");
        File.WriteAllText($"{_lab.Location.StateDirectory}/temproots/999999", _lab.Full("a") + "\0");
        var untouched = new Untouched([_lab.Location.StateDirectory]);

        _ = _lab.All(StoreRootKind.Permanent);

        untouched.Verify();
    }

    private static (StoreRootState, string?) StateOf(StoreRoot root) => (root.State, root.Path);
}
