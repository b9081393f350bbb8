using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Tests.Trees;

public sealed class TreeStatWalkerTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void Every_file_is_visited_once()
    {
        WeirdTree.Make(_work, "tree");
        var found = Walk("tree");
        var expected = Directory.EnumerateFileSystemEntries($"{_work.Path}/tree", "*", SearchOption.AllDirectories).Count() + 1;
        Assert.Equal(expected, found.Seen.Count);
        Assert.Empty(found.Errors);
    }

    [Fact]
    public void A_root_may_be_a_file_or_a_link()
    {
        _work.File("file", "abc");
        _work.Link("link", "/nowhere");
        Assert.Equal(3, Assert.Single(Walk("file").Seen).Size);
        Assert.Equal(FileType.SymbolicLink, Assert.Single(Walk("link").Seen).Type);
    }

    [Fact]
    public void What_is_missing_is_told()
    {
        var error = Assert.IsType<StoreIOException>(Assert.Single(Walk("nothing").Errors));
        Assert.Equal(Errno.NoEntry, error.ErrorNumber);
        Assert.EndsWith("/nothing", error.Target, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_deeper_than_a_stack_is_walked()
    {
        _work.Folder("deep");
        var path = "deep";
        for (var i = 0; i < 1500; i++)
        {
            _work.Folder(path += "/d");
        }

        Assert.Equal(1501, Walk("deep").Seen.Count);
    }

    [Fact]
    public void The_walker_can_be_used_again_after_being_stopped()
    {
        WeirdTree.Make(_work, "tree");
        var visitor = new Visitor();
        var walker = new TreeStatWalker(visitor);
        Assert.ThrowsAny<OperationCanceledException>(() => walker.Walk(_work.Descriptor, ByteName.From("tree"), new CancellationToken(true)));
        visitor.Seen.Clear();
        walker.Walk(_work.Descriptor, ByteName.From("tree"), default);
        Assert.Equal(Walk("tree").Seen.Count, visitor.Seen.Count);
    }

    private Visitor Walk(string name)
    {
        var visitor = new Visitor();
        new TreeStatWalker(visitor).Walk(_work.Descriptor, ByteName.From(name), default);
        return visitor;
    }

    private sealed class Visitor : ITreeVisitor
    {
        internal List<FileStatus> Seen { get; } = [];

        internal List<NixStoreException> Errors { get; } = [];

        public void Visit(in FileStatus status) => Seen.Add(status);

        public void Failed(NixStoreException error) => Errors.Add(error);
    }
}
