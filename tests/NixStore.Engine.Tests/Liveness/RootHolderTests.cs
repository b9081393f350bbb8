using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Liveness;

public sealed class RootHolderTests
{
    private const string Path = "/nix/store/00000000000000000000000000000000-x";

    [Theory]
    [InlineData("/mnt/nix/var/nix/gcroots/x", Path, "/mnt/nix/var/nix/gcroots/x")]
    [InlineData("/mnt/nix/var/nix/profiles/system", "system-3-link", "/mnt/nix/var/nix/profiles/system-3-link")]
    [InlineData("/mnt/nix/var/nix/gcroots/auto/abc", "/home/u/result", "/mnt/home/u/result")]
    [InlineData("/mnt/nix/var/nix/gcroots/auto/abc", "/mnt/home/u/result", "/mnt/home/u/result")]
    [InlineData("/mnt/nix/var/nix/gcroots/auto/abc", "../../profiles/p-1-link", "/mnt/nix/var/nix/profiles/p-1-link")]
    public void A_link_is_held_by_the_link_that_names_the_store_path(string link, string target, string holder)
        => Assert.Equal(holder, RootHolder.Of(Root(link, target), StoreLocator.Locate("local?root=/mnt")));

    [Fact]
    public void The_system_store_has_no_prefix()
        => Assert.Equal("/home/u/result", RootHolder.Of(Root("/nix/var/nix/gcroots/auto/abc", "/home/u/result"), StoreLocator.Locate("local?root=/")));

    [Fact]
    public void A_process_holds_all_that_it_has()
    {
        var root = Root("/proc/5/exe", Path) with { Kind = StoreRootKind.Runtime, Origin = StoreRootOrigin.Executable, Pid = 5 };

        Assert.Equal(
            RootHolder.Of(root, StoreLocator.Locate("local?root=/mnt")),
            RootHolder.Of(root with { Kind = StoreRootKind.Temporary, Link = "/temproots/5" }, StoreLocator.Locate("local?root=/mnt")));
    }

    private static StoreRoot Root(string link, string target) => new()
    {
        Store = "local",
        Kind = StoreRootKind.Permanent,
        Origin = StoreRootOrigin.IndirectLink,
        State = StoreRootState.Active,
        Path = Path,
        Link = link,
        Target = target,
    };
}
