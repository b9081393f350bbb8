using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Roots;

/// <summary>A store opened by root=R: its links are those of the system below R.</summary>
public sealed class GuestRootsTests : IDisposable
{
    private readonly RootLab _lab = new(guest: true);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_link_of_the_guest_is_looked_up_in_the_guest()
    {
        _lab.Link($"{_lab.Root}/home/u/result", _lab.Full("a"));
        _lab.Link($"{_lab.GcRoots}/auto/x", "/home/u/result");
        _lab.Link($"{_lab.Profiles}/p-1-link", _lab.Full("b"));
        _lab.Link($"{_lab.GcRoots}/auto/y", "/nix/var/nix/profiles/p-1-link");

        var roots = _lab.Permanent();

        Assert.All(roots, root => Assert.Equal(StoreRootState.Active, root.State));
        Assert.Equal([_lab.Full("a"), _lab.Full("b"), _lab.Full("b")], roots.Select(root => root.Path!).OrderBy(path => path != _lab.Full("a")));
    }

    [Fact]
    public void Links_on_the_way_are_followed_in_the_guest()
    {
        _lab.Link($"{_lab.Root}/data/home/u/result", _lab.Full("a"));
        _lab.Link($"{_lab.Root}/home", "/data/home");
        _lab.Link($"{_lab.GcRoots}/auto/x", "/home/u/result");

        Assert.Equal(_lab.Full("a"), Assert.Single(_lab.Permanent()).Path);
    }

    [Fact]
    public void No_link_leads_out_of_the_guest()
    {
        using var outside = new TemporaryDirectory();
        _lab.Link(outside["result"], _lab.Full("absent"));
        _lab.Link($"{_lab.Root}/home", outside.Path);
        _lab.Link($"{_lab.Root}/up", "../../../../../.." + outside.Path);
        _lab.Link($"{_lab.GcRoots}/auto/x", "/home/result");
        _lab.Link($"{_lab.GcRoots}/auto/y", "/up/result");

        Assert.All(_lab.Permanent(), root => Assert.Equal((StoreRootState.Unknown, (string?)null), (root.State, root.Path)));
    }

    [Fact]
    public void What_is_gone_in_the_guest_is_stale_whatever_this_machine_has()
    {
        _lab.MakeDirectory("etc");
        _lab.Link($"{_lab.GcRoots}/auto/x", "/etc/passwd");

        Assert.True(Assert.Single(_lab.Permanent()).Stale);
    }

    [Fact]
    public void The_real_directory_of_the_store_counts_as_well()
    {
        _lab.Link($"{_lab.GcRoots}/x", $"{_lab.Location.RealDirectory}/{RootLab.PathOf("a").BaseName}/bin");

        Assert.Equal((StoreRootOrigin.DirectLink, _lab.Full("a")), OriginOf(Assert.Single(_lab.Permanent())));
    }

    [Fact]
    public void A_root_that_was_made_from_outside_counts()
    {
        using var outside = new TemporaryDirectory();
        _lab.Link($"{_lab.Root}/nix/var/nix/profiles/system-1-link", _lab.Full("a"));
        _lab.Link($"{_lab.GcRoots}/auto/x", $"{_lab.Root}/nix/var/nix/profiles/system-1-link");
        _lab.Link($"{_lab.GcRoots}/auto/y", _lab.Link(outside["result"], _lab.Full("b")));

        var roots = _lab.Permanent().Where(root => root.Origin == StoreRootOrigin.IndirectLink).ToList();

        Assert.Equal([_lab.Full("a"), _lab.Full("b")], roots.OrderBy(root => root.Link, StringComparer.Ordinal).Select(root => root.Path));
    }

    [SkippableFact]
    public void What_is_on_a_file_system_that_is_not_mounted_is_unknown() => MountNamespace.Run(space =>
    {
        var data = _lab.MakeDirectory("my data");
        _lab.MakeDirectory("etc");
        File.WriteAllText($"{_lab.Root}/etc/fstab", "# a comment\n\nUUID=1 /my\\040data ext4 noauto 0 0\nUUID=2 none swap\n");
        _lab.Link($"{_lab.GcRoots}/auto/x", "/my data/result");
        Assert.Equal(StoreRootState.Unknown, Assert.Single(_lab.Permanent()).State);

        space.MountMemory(data, "size=8k");

        Assert.Equal(StoreRootState.Stale, Assert.Single(_lab.Permanent()).State);
    });

    private static (StoreRootOrigin, string?) OriginOf(StoreRoot root) => (root.Origin, root.Path);
}
