using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Stores;

public sealed class RealNixPlacesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("plain", "")]
    [InlineData("a b&c=d+e%41ä", "")]
    [InlineData("other", "&store=/gnu/store")]
    [InlineData("apart", "&real={0}/r&state={0}/s&log={0}/l")]
    public void Real_Nix_puts_a_path_where_we_look_for_it(string name, string parameters)
    {
        var root = Directory.CreateDirectory(_directory[name]).FullName;
        var store = StoreLocator.Locate($"local?root={Uri.EscapeDataString(root)}{string.Format(parameters, _directory.Path)}");
        File.WriteAllText(_directory["file"], "x");

        var path = RealNix.Require().Store(store, "--add", _directory["file"]);

        Assert.True(File.Exists(store.RealPathOf(store.Directory.Parse(path))));
        Assert.True(File.Exists(store.DatabasePath));
    }
}
