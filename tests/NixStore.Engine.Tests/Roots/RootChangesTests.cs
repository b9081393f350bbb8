using System.Security.Cryptography;
using System.Text;
using NixStore.Engine.Database;
using NixStore.Engine.Roots;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Roots;

/// <summary>Roots that are made, removed, and held for a while.</summary>
public sealed class RootChangesTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b");
    private readonly StoreDatabase _database;
    private readonly string _home;

    public RootChangesTests()
    {
        _database = StoreDatabase.OpenForReading(_store.Location);
        _home = Directory.CreateDirectory($"{_store.Root}/home/u").FullName;
    }

    private string GcRoots => $"{_store.Location.StateDirectory}/gcroots";

    public void Dispose()
    {
        _database.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void A_root_is_a_link_and_a_link_to_it_both_as_the_guest_calls_them()
    {
        var root = Make("a", $"{_home}/../u/result");

        var auto = $"{GcRoots}/auto/{Nix32.Encode(SHA1.HashData(Encoding.UTF8.GetBytes("/home/u/result")))}";
        Assert.Equal((auto, "/home/u/result", _store.Full("a"), StoreRootState.Active, StoreRootOrigin.IndirectLink),
            (root.Link, root.Target, root.Path, root.State, root.Origin));
        Assert.Equal(_store.Full("a"), new FileInfo($"{_home}/result").LinkTarget);
        Assert.Equal("/home/u/result", new FileInfo(auto).LinkTarget);
        Assert.Equal([auto], Directory.EnumerateFileSystemEntries($"{GcRoots}/auto"));
        Assert.Equal([$"{_home}/result"], Directory.EnumerateFileSystemEntries(_home));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_store.Location.StateDirectory}/temproots"));
    }

    [Fact]
    public void Below_gcroots_it_is_one_link()
    {
        Directory.CreateDirectory($"{GcRoots}/mine");

        var root = Make("a", $"{GcRoots}/mine/x");

        Assert.Equal((StoreRootOrigin.DirectLink, $"{GcRoots}/mine/x"), (root.Origin, root.Link));
        Assert.False(Directory.Exists($"{GcRoots}/auto") && Directory.EnumerateFileSystemEntries($"{GcRoots}/auto").Any());
    }

    [Fact]
    public void Making_it_again_is_no_error_and_makes_what_is_missing()
    {
        var root = Make("a", $"{_home}/result");
        File.Delete(root.Link);

        Assert.Equal(root, Make("a", $"{_home}/result"));
    }

    [Fact]
    public void Another_path_replaces_the_first_only_when_told_to()
    {
        Make("a", $"{_home}/result");

        Assert.Equal("RootLinkExists", Refused(() => Make("b", $"{_home}/result")));
        Assert.Equal(_store.Full("b"), Make("b", $"{_home}/result", replace: true).Path);
        Assert.Single(Directory.EnumerateFileSystemEntries(_home));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("directory")]
    [InlineData("link")]
    public void What_is_no_link_into_the_store_is_never_replaced(string what)
    {
        Command.Run("/bin/sh", "-c", "cd \"$0\"; echo x >file; mkdir directory; ln -s /etc link", _home);

        Assert.Equal("RootLinkExists", Refused(() => Make("a", $"{_home}/{what}", replace: true)));

        Assert.Equal("file", Command.Run("/bin/sh", "-c", "cd \"$0\"; test -f file && test -d directory && test \"$(readlink link)\" = /etc && echo file", _home));
    }

    [Fact]
    public void Places_where_no_root_can_be_are_refused()
    {
        Assert.Equal("RootLinkInStore", Refused(() => Make("a", $"{_store.Location.RealDirectory}/x")));
        Assert.Equal("RootLinkOutsideStoreRoot", Refused(() => Make("a", _store.Beside("result"))));
        Assert.Equal("PathNotFound", Refused(() => Make("a", $"{_home}/no/result")));
        Assert.Equal("StorePathNotFound", Refused(() => Make("absent", $"{_home}/result")));
        Assert.Equal("StoreReadOnly", Refused(() => new RootMaker(_store.Location with { IsReadOnly = true }, _ => true)
            .Make(SmallStore.PathOf("a"), $"{_home}/x", false, CancellationToken.None)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Removing_takes_both_links(bool byUsersLink)
    {
        var root = Make("a", $"{_home}/result");

        Remover().Remove(byUsersLink ? Remover().Find($"{_home}/result") : root);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_home));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{GcRoots}/auto"));
    }

    [Fact]
    public void A_stale_root_is_removed_unless_it_has_come_back()
    {
        var root = Make("a", $"{_home}/result");
        File.Delete($"{_home}/result");
        var stale = Remover().Find(root.Link);
        Assert.True(stale.Stale);
        File.CreateSymbolicLink($"{_home}/result", _store.Full("a"));

        Assert.Equal("RootChanged", Refused(() => Remover().Remove(stale)));

        File.Delete($"{_home}/result");
        Remover().Remove(stale);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{GcRoots}/auto"));
    }

    [Fact]
    public void A_link_that_keeps_another_path_by_now_is_left_alone()
    {
        var root = Make("a", $"{_home}/result");
        Make("b", $"{_home}/result", replace: true);

        Assert.Equal("RootChanged", Refused(() => Remover().Remove(root)));
        Assert.Equal(_store.Full("b"), new FileInfo($"{_home}/result").LinkTarget);
    }

    [Fact]
    public void A_file_and_a_name_that_is_no_text_are_removed()
    {
        Directory.CreateDirectory(GcRoots);
        File.WriteAllText($"{GcRoots}/{SmallStore.PathOf("a").BaseName}", "");
        Command.Run("/bin/sh", "-c", "ln -s \"$1\" \"$0/$(printf '\\377')\"", GcRoots, _store.Full("b"));

        foreach (var root in new RootScanner(_store.Location, _database.IsRegistered).FindPermanent(CancellationToken.None))
        {
            Remover().Remove(root);
        }

        Assert.Empty(Directory.EnumerateFiles(GcRoots));
    }

    [Fact]
    public void What_is_not_to_be_removed_says_why()
    {
        var generation = Directory.CreateDirectory($"{_store.Location.StateDirectory}/profiles").FullName + "/p-1-link";
        File.CreateSymbolicLink(generation, _store.Full("a"));
        Make("a", $"{_home}/own-3-link");
        Make("b", $"{_home}/result");
        Directory.Move(_home, _home + "-away");
        var unknown = Remover().Find($"{_home}/result");
        Directory.Move(_home + "-away", _home);

        Assert.Equal("RootNotRemovable", Refused(() => Remover().Remove(Remover().Find(generation))));
        Assert.Equal("RootNotRemovable", Refused(() => Remover().Remove(Remover().Find($"{_home}/own-3-link"))));
        Assert.Equal((StoreRootState.Unknown, "RootNotRemovable"), (unknown.State, Refused(() => Remover().Remove(unknown))));
        Assert.Equal("RootNotFound", Refused(() => Remover().Find($"{_home}/none")));
        var running = unknown with { Kind = StoreRootKind.Runtime, Pid = 4711, ProcessName = "bash", State = StoreRootState.Active };
        var refusal = Assert.Throws<NixStoreException>(() => Remover().Remove(running));
        Assert.Equal("RootNotRemovable", refusal.ErrorId);
        Assert.Contains("4711 (bash)", refusal.Message, StringComparison.Ordinal);
        Assert.True(Path.Exists(generation) || new FileInfo(generation).LinkTarget is not null);
    }

    [Fact]
    public void Protection_lasts_until_it_is_disposed_and_leaves_out_what_is_not_valid()
    {
        var protection = PathProtection.Begin(_store.Location, _database.IsRegistered, CancellationToken.None);
        protection.Add(SmallStore.PathOf("b"), CancellationToken.None);
        Assert.Equal("StorePathNotFound", Refused(() => protection.Add(SmallStore.PathOf("absent"), CancellationToken.None)));
        protection.Add(SmallStore.PathOf("a"), CancellationToken.None);
        protection.Complete(CancellationToken.None);

        Assert.Equal(Held(), protection.Paths.Order(StringComparer.Ordinal));
        Assert.Equal(2, protection.Paths.Count);

        protection.Dispose();
        protection.Dispose();
        Assert.Empty(Held());
        Assert.Empty(Directory.EnumerateFiles($"{_store.Location.StateDirectory}/temproots"));
    }

    [Fact]
    public void Losing_the_object_does_not_end_the_protection()
    {
        Lose();
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Equal([_store.Full("a")], Held());

        void Lose() => PathProtection.Begin(_store.Location, _database.IsRegistered, CancellationToken.None).Add(SmallStore.PathOf("a"), CancellationToken.None);
    }

    private static string Refused(Action action) => Assert.ThrowsAny<NixStoreException>(action).ErrorId;

    private StoreRoot Make(string name, string link, bool replace = false)
        => new RootMaker(_store.Location, _database.IsRegistered).Make(SmallStore.PathOf(name), link, replace, CancellationToken.None);

    private RootRemover Remover() => new(_store.Location, _database.IsRegistered);

    private List<string> Held() => [.. new RootScanner(_store.Location, _database.IsRegistered).FindAll(CancellationToken.None)
        .Where(root => root.Kind == StoreRootKind.Temporary).Select(root => root.Path!).Order(StringComparer.Ordinal)];
}
