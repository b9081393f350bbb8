using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;

namespace NixStore.Engine.Tests.Archive;

public sealed class TreeRemoverTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void RemovesTreesWithAnyNamesAndModes()
    {
        WeirdTree.Make(_work, "t");
        Posix.FchmodAt(_work.Descriptor, "t/deep\0"u8, 0b101_101_101);
        Posix.FchmodAt(_work.Descriptor, "t/deep/d\0"u8, 0);
        Assert.True(TreeRemover.Remove(_work.Descriptor, "t\0"u8));
        Assert.Empty(Directory.GetFileSystemEntries(_work.Path));
    }

    [Fact]
    public void RemovesFilesAndLinksWithoutFollowing()
    {
        _work.Folder("kept");
        _work.File("kept/x");
        _work.Link("l", "kept");
        _work.Folder("d");
        _work.Link("d/l", "../kept");
        _work.File("f");
        Assert.True(TreeRemover.Remove(_work.Descriptor, "l\0"u8));
        Assert.True(TreeRemover.Remove(_work.Descriptor, "f\0"u8));
        Assert.True(TreeRemover.Remove(_work.Descriptor, "d\0"u8));
        Assert.True(_work.Exists("kept/x"));
        Assert.Single(Directory.GetFileSystemEntries(_work.Path));
    }

    [Fact]
    public void NothingThereIsNoError() => Assert.False(TreeRemover.Remove(_work.Descriptor, "nothing\0"u8));

    [Fact]
    public void RemovesManyDirectoriesAndDeepOnes()
    {
        _work.Folder("t");
        for (var i = 0; i < 300; i++)
        {
            _work.Folder($"t/{i}");
            _work.File($"t/{i}/{new string('x', 200)}");
        }

        var path = "t";
        for (var i = 0; i < 500; i++)
        {
            _work.Folder(path += "/d");
        }

        Assert.True(TreeRemover.Remove(_work.Descriptor, "t\0"u8));
        Assert.False(_work.Exists("t"));
    }
}
