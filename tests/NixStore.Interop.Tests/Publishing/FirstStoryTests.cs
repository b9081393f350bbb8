using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Publishing;

/// <summary>
/// The wish of a user who copied an upper layer into the lower store and saw everything downloaded again: what is installed in one overlay store is
/// published, and a new one on the same lower store downloads nothing and writes nothing.
/// </summary>
[Collection(LabCollection.Name)]
public sealed class FirstStoryTests(Lab lab)
{
    private static readonly string[] s_names = ["app-2.0", "libfoo3-1.3", "symlink-output"];

    [SkippableTheory]
    [InlineData("nix234", false, false)]
    [InlineData("nix226", false, false)]
    [InlineData("nix234", true, false)]
    [InlineData("nix226", true, false)]
    [InlineData("nix234", false, true)]
    [InlineData("nix226", false, true)]
    public void What_is_published_is_not_downloaded_again(string version, bool removesFromUpper, bool filesWereCopiedByHand)
    {
        var nix = RealNix.Require(version);
        using var lower = new SmallStore();
        using var origin = LabStore.Signed();
        var names = s_names.Select(origin.PathOf).ToArray();
        var cache = lab.CacheOf(optimised: false);
        using var first = OverlayLab.On(lower.Location);
        var said = nix.TryStore(first.Location, ["--realise", .. names, .. cache.NixOptions]);
        Assert.True(said.ExitCode == 0, said.Error);
        Assert.Contains("copying path", said.Error, StringComparison.Ordinal);
        if (filesWereCopiedByHand)
        {
            Command.Run("/bin/sh", "-c", "cp -a \"$0\"/* \"$1\" && rm -rf \"$0\"/*", first.Upper, lower.Location.RealDirectory);
        }

        Publish(first.Location, names, removesFromUpper);

        if (removesFromUpper)
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(first.Upper));
        }

        nix.Verify(lower.Location);
        nix.Verify(first.Location);
        using var second = OverlayLab.On(lower.Location);
        var again = nix.TryStore(second.Location, ["--realise", .. names, .. cache.NixOptions]);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.DoesNotContain("copying path", again.Error, StringComparison.Ordinal);
        nix.Store(second.Location, ["--check-validity", .. nix.Store(first.Location, ["-qR", .. names]).Split('\n')]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(second.Upper));
        nix.Verify(second.Location);
    }

    private static void Publish(StoreLocation store, string[] names, bool removesFromUpper)
    {
        using var publisher = OverlayPublisher.Open(
            store, new PublicationOptions { RemovesFromUpper = removesFromUpper, Threads = 2 }, _ => { }, (_, error) => throw error, _ => { },
            error => throw error, CancellationToken.None);
        publisher.Publish([.. names.Select(store.Directory.Parse)], CancellationToken.None);
    }
}
