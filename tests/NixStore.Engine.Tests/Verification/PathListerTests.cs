using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Verification;

public sealed class PathListerTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Every_path_says_what_it_is_and_where()
    {
        var paths = List();

        Assert.All(paths, path => Assert.Equal((StorePathState.Valid, false, false), (path.State, path.Invalid, path.ContentsChecked)));
        Assert.Equal((_store.Location.Url, _store.Full("b"), _store.Location.RealPathOf(SmallStore.PathOf("b")), "b"),
            (paths[1].Store, paths[1].Path, paths[1].RealPath, paths[1].Name));
        Assert.Equal([_store.Full("a")], paths[1].References);
    }

    [Fact]
    public void What_is_registered_but_not_there_is_missing()
    {
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("b")));

        var paths = List();

        Assert.Equal([StorePathState.Valid, StorePathState.Missing, StorePathState.Valid], paths.Select(path => path.State));
        Assert.True(paths[1].Invalid);
        Assert.Equal(StoreProblemKind.Missing, Assert.Single(paths[1].Problems).Kind);
    }

    [Fact]
    public void A_dangling_symbolic_link_is_there()
    {
        var file = _store.Location.RealPathOf(SmallStore.PathOf("b"));
        File.Delete(file);
        File.CreateSymbolicLink(file, "/absent");

        Assert.All(List(), path => Assert.Equal(StorePathState.Valid, path.State));
    }

    [Fact]
    public void A_path_that_is_missing_and_malformed_is_told_as_both()
    {
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("b")));
        _store.Sql($"update ValidPaths set sigs = 'garbage' where path = '{_store.Full("b")}'");

        var path = List()[1];

        Assert.Equal(StorePathState.Missing, path.State);
        Assert.Equal([StoreProblemKind.RowSignature, StoreProblemKind.Missing], path.Problems.Select(problem => problem.Kind));
    }

    [Fact]
    public void What_is_there_but_not_registered_is_listed_apart_and_is_no_work_for_repair()
    {
        var orphan = SmallStore.PathOf("orphan");
        Directory.CreateDirectory(_store.Location.RealPathOf(orphan));
        File.WriteAllText($"{_store.Location.RealDirectory}/junk file.tmp", "");
        File.WriteAllText($"{_store.Location.RealDirectory}/.nfs0001", "");
        Command.Run("/bin/sh", "-c", "cd \"$0\" && : > \"$(printf 'latin1-\\351')\" && : > \"$(printf 'new\\nline')\"", _store.Location.RealDirectory);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        var lister = PathLister.Open(database);
        Assert.Equal(3, lister.List().Count());

        var unregistered = lister.ListUnregistered().ToList();

        Assert.Equal(new[] { ".nfs0001", "junk file.tmp", @"latin1-\xe9", @"new\x0aline", orphan.BaseName }.Order(StringComparer.Ordinal),
            unregistered.Select(path => path.Path["/nix/store/".Length..]).Order(StringComparer.Ordinal));
        Assert.All(unregistered, path => Assert.Equal((StorePathState.Unregistered, false), (path.State, path.Invalid)));
        Assert.Equal(orphan, unregistered.Single(path => path.StorePath is not null).StorePath);
    }

    [Fact]
    public void A_filter_chooses_what_is_shown_and_not_what_is_registered()
    {
        Directory.CreateDirectory(_store.Location.RealPathOf(SmallStore.PathOf("orphan")));
        using var database = StoreDatabase.OpenForReading(_store.Location);
        var lister = PathLister.Open(database);

        Assert.Equal([_store.Full("b")], lister.List(path => path.EndsWith("-b", StringComparison.Ordinal)).Select(path => path.Path));
        Assert.Equal([_store.Full("orphan")], lister.ListUnregistered().Select(path => path.Path));
        Assert.Empty(lister.ListUnregistered(path => path.EndsWith("-b", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_path_that_is_added_while_we_look_is_neither_missing_nor_unregistered()
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);
        using var database = StoreDatabase.OpenForReading(_store.Location);
        var lister = PathLister.Open(database);
        writer.Register([_store.Write("d", [])]);

        Assert.Equal([StorePathState.Valid, StorePathState.Valid, StorePathState.Valid, StorePathState.Valid], lister.List().Select(path => path.State));

        writer.Register([_store.Write("e", [])]);
        Assert.Empty(lister.ListUnregistered());
    }

    [Fact]
    public void A_single_row_is_looked_up_by_itself()
    {
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("b")));
        using var database = StoreDatabase.OpenForReading(_store.Location);

        Assert.Equal(StorePathState.Valid, PathLister.Describe(database.Find(_store.Full("a"))!, _store.Location).State);
        Assert.Equal(StorePathState.Missing, PathLister.Describe(database.Find(_store.Full("b"))!, _store.Location).State);
    }

    [Fact]
    public void What_cannot_be_looked_at_is_one_unreadable_path()
    {
        File.CreateSymbolicLink(_store.Beside("loop"), "loop");
        using var database = StoreDatabase.OpenForReading(_store.Location);

        var path = PathLister.Describe(database.Find(_store.Full("a"))!, _store.Location with { RealDirectory = _store.Beside("loop") });

        Assert.Equal((StorePathState.Unreadable, StoreProblemKind.ReadError), (path.State, Assert.Single(path.Problems).Kind));
    }

    private List<StorePathInfo> List()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return [.. PathLister.Open(database).List()];
    }
}
