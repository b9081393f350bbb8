using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Generations;

public sealed class StoreProfilesTests : IDisposable
{
    private readonly ProfileLab _lab = new();

    [Fact]
    public void Profiles_of_all_kinds_are_found()
    {
        Directory.CreateDirectory($"{_lab.Store.Root}/etc");
        File.WriteAllText($"{_lab.Store.Root}/etc/passwd", "root:x:0:0::/root:/bin/sh\nbob:x:1000:100::/home/bob:/bin/sh\nbroken\nnobody:x:65534:1::/:/x\n");
        var expected = new Dictionary<string, StoreProfileKind>
        {
            [_lab.Make("system", 2, "one", "two")] = StoreProfileKind.System,
            [_lab.Make("system-profiles/test", 1, "one")] = StoreProfileKind.System,
            [_lab.Make("default", 1, "one")] = StoreProfileKind.User,
            [_lab.Make("per-user/bob/profile", 1, "one")] = StoreProfileKind.User,
            [_lab.Make("per-user/bob/home-manager", 1, "one")] = StoreProfileKind.HomeManager,
            [_lab.Make("per-user/root/channels", 1, "one")] = StoreProfileKind.Channel,
            [_lab.Make("lab", 1, "one")] = StoreProfileKind.Other,
            [_lab.Make("/home/bob/.local/state/nix/profiles/profile", 1, "one")] = StoreProfileKind.User,
            [_lab.Make("/home/bob/.local/state/nix/profiles/home-manager", 1, "one")] = StoreProfileKind.HomeManager,
        };
        var elsewhere = _lab.Make("/srv/app/release", 1, "one");
        expected.Add(elsewhere, StoreProfileKind.Other);
        Directory.CreateDirectory($"{_lab.Store.Location.StateDirectory}/gcroots/auto");
        File.CreateSymbolicLink($"{_lab.Store.Location.StateDirectory}/gcroots/auto/abc", "/srv/app/release-1-link");
        File.CreateSymbolicLink($"{_lab.Store.Location.StateDirectory}/gcroots/auto/gone", "/srv/gone/release-1-link");
        File.CreateSymbolicLink($"{_lab.Store.Location.StateDirectory}/gcroots/auto/result", "/srv/app/result");
        File.CreateSymbolicLink($"{_lab.Profiles}/foreign-1-link", "/somewhere/else");

        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), _lab.Find().ToDictionary(profile => profile.Path, profile => profile.Kind));
    }

    [Fact]
    public void A_generation_says_what_it_is()
    {
        var path = _lab.Make("system", 2, "one", "two", "three");
        Directory.CreateDirectory($"{_lab.Store.Root}/run");
        File.CreateSymbolicLink($"{_lab.Store.Root}/run/booted-system", _lab.Store.Full("one"));
        File.CreateSymbolicLink($"{_lab.Store.Root}/run/current-system", _lab.Store.Full("three"));
        Command.Run("touch", "-h", "-d", "@1700000000", $"{path}-1-link");

        var generations = _lab.At(path).ReadGenerations();

        Assert.Equal([(1, false, true, true), (2, true, false, true), (3, false, false, true)],
            generations.Select(generation => (generation.Number, generation.IsCurrent, generation.IsBooted, generation.IsInUse)));
        var first = generations[0];
        Assert.Equal((_lab.Store.Location.Url, path, "system", $"{path}-1-link", _lab.Store.Full("one")), (first.Store, first.Profile, first.ProfileName, first.Link, first.Path));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), first.CreationTime);
        Assert.Null(first.ReclaimableSize);
    }

    [Fact]
    public void Looking_leaves_no_trace()
    {
        _lab.Make("system", 2, "one", "two");
        _lab.Make("per-user/bob/profile", 1, "one");
        var untouched = Untouched.Of(_lab.Store.Location);
        foreach (var profile in _lab.Find())
        {
            profile.ReadGenerations();
        }

        untouched.Verify();
    }

    [Fact]
    public void A_link_out_of_the_root_stays_inside()
    {
        using var outside = new TemporaryDirectory();
        File.CreateSymbolicLink(outside["secret-1-link"], _lab.Store.Full("one"));
        Directory.CreateDirectory($"{_lab.Store.Location.StateDirectory}/gcroots/auto");
        Directory.CreateDirectory($"{_lab.Store.Root}/srv");
        File.CreateSymbolicLink($"{_lab.Store.Root}/srv/evil", outside.Path);
        File.CreateSymbolicLink($"{_lab.Store.Location.StateDirectory}/gcroots/auto/evil", "/srv/evil/secret-1-link");
        File.CreateSymbolicLink($"{_lab.Store.Location.StateDirectory}/gcroots/auto/up", $"/../../..{outside.Path}/secret-1-link");

        Assert.Empty(_lab.Find());
        Assert.Equal("ProfileNotFound", Assert.Throws<NixStoreException>(() => _lab.At(outside["secret"])).ErrorId);
        Assert.Equal("ProfileNotFound", Assert.Throws<NixStoreException>(() => _lab.At($"{_lab.Store.Root}/srv/evil/secret")).ErrorId);
    }

    [Fact]
    public void A_profile_whose_link_is_gone_has_generations_but_no_current_one()
    {
        var path = _lab.Make("lab", null, "one", "two");
        Assert.DoesNotContain(_lab.At(path).ReadGenerations(), generation => generation.IsCurrent);
        File.CreateSymbolicLink(path, "/elsewhere/lab-2-link");
        Assert.True(_lab.At(path).ReadGenerations()[1].IsCurrent);
    }

    public void Dispose() => _lab.Dispose();
}
