using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Overlay;

public sealed class PublishingTests
{
    private const string Old = "a";

    [SkippableFact]
    public void A_path_goes_into_the_lower_store_with_what_it_needs_and_nothing_else()
    {
        using var lab = OverlayLab.OnSmallStore(Old);
        var library = lab.Paths.Add("library", SmallStore.PathOf(Old));
        var application = lab.Paths.Add("application", library);
        lab.Paths.Add("other");

        var result = new Publication(lab).Run(application);

        Assert.Empty(result.Errors);
        Assert.Equal([("library", false), ("application", true)], result.Published.Select(path => (NameOf(path.Path), path.IsRequested)));
        Assert.All(result.Published, path => Assert.Equal(PublicationMethod.Copied, path.Method));
        Assert.Equal([Old, "application", "library"], ValidIn(lab.Lower));
        Assert.Equal(StoreLayer.Both, lab.Location.Overlay!.LayerOf(application));
        Assert.Empty(Leftovers(lab));
    }

    [SkippableFact]
    public void What_is_there_already_is_left_alone_the_second_time()
    {
        using var lab = OverlayLab.OnSmallStore(Old);
        var path = lab.Paths.Add("new", SmallStore.PathOf(Old));
        new Publication(lab).Run(path);
        using var untouched = Untouched.Watch(lab.Lower.RealDirectory);

        var again = new Publication(lab).Run(path, SmallStore.PathOf(Old));

        Assert.Empty(again.Errors);
        Assert.Equal([PublicationMethod.Present, PublicationMethod.Present], again.Published.Select(one => one.Method));
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 34)..];

    private static IEnumerable<string> ValidIn(StoreLocation store)
    {
        using var database = StoreDatabase.OpenForReading(store);
        var verified = new List<StorePathInfo>();
        foreach (var path in PathLister.Open(database).List())
        {
            verified.Add(path);
        }

        return verified.Where(path => path.State == StorePathState.Valid).Select(path => path.Name).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Leftovers(OverlayLab lab)
        => Directory.EnumerateFileSystemEntries(lab.Lower.RealDirectory).Concat(Directory.EnumerateFileSystemEntries(lab.Upper))
            .Select(entry => Path.GetFileName(entry)).Where(name => name.StartsWith("tmp-", StringComparison.Ordinal) || name.EndsWith(".lock", StringComparison.Ordinal));
}
