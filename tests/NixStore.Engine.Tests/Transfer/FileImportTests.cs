using System.Diagnostics;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Support;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Transfer;

public sealed class FileImportTests : IDisposable
{
    private readonly TransferStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_store_that_does_not_exist_is_made()
    {
        _store.Work.File("in/plain.txt", "hello\n");

        var added = _store.Add(new FileImport(_store.In("plain.txt")));

        Assert.False(added.WasValid);
        Assert.Equal([added.Path.BaseName], _store.Entries());
        Assert.True(_store.IsIntact(added.Path));
        Assert.Equal("10", File.ReadAllText(_store.Location.SchemaPath));
    }

    [SkippableFact]
    public void Paths_and_rows_are_those_of_real_Nix()
    {
        using var nix = RealNix.NewStore();
        WeirdTree.Make(_store.Work, "in/weird");
        _store.Work.File("in/plain", "p");
        _store.Work.File("in/executable", "#!", 0b111_101_101);
        _store.Work.File("in/+-._?=", "p");
        _store.Work.File("in/empty");
        _store.Work.Link("in/link", "plain");
        _store.Work.Folder("in/nothing");
        string[] names = ["weird", "plain", "executable", "+-._?=", "empty", "link", "nothing"];

        var added = names.Select(name => _store.Add(new FileImport(_store.In(name))).Path).ToList();

        var theirs = nix.Run("nix-store", ["--add", .. names.Select(_store.In)]).Split('\n');
        Assert.Equal(theirs, added.Select(_store.Directory.Print));
        AssertSameRows(nix, theirs);
        Verify(nix);
    }

    [SkippableTheory]
    [InlineData(ContentAddressMethod.Flat, NixHashAlgorithm.Md5)]
    [InlineData(ContentAddressMethod.Flat, NixHashAlgorithm.Sha1)]
    [InlineData(ContentAddressMethod.Flat, NixHashAlgorithm.Sha256)]
    [InlineData(ContentAddressMethod.Flat, NixHashAlgorithm.Sha512)]
    [InlineData(ContentAddressMethod.Nar, NixHashAlgorithm.Md5)]
    [InlineData(ContentAddressMethod.Nar, NixHashAlgorithm.Sha1)]
    [InlineData(ContentAddressMethod.Nar, NixHashAlgorithm.Sha256)]
    [InlineData(ContentAddressMethod.Nar, NixHashAlgorithm.Sha512)]
    public void Fixed_paths_are_those_of_real_Nix(ContentAddressMethod method, NixHashAlgorithm algorithm)
    {
        using var nix = RealNix.NewStore();
        _store.Work.File("in/plain", "some contents");
        _store.Work.File("in/executable", "#!/bin/sh", 0b111_101_101);
        string[] names = ["plain", "executable"];

        var added = names.Select(name => _store.Add(new FileImport(_store.In(name), null, method, algorithm)).Path).ToList();

        string[] recursive = method == ContentAddressMethod.Nar ? ["--recursive"] : [];
        var theirs = nix.Run("nix-store", ["--add-fixed", .. recursive, NixHash.NameOf(algorithm), .. names.Select(_store.In)]).Split('\n');
        Assert.Equal(theirs, added.Select(_store.Directory.Print));
        AssertSameRows(nix, theirs);
        Verify(nix);
    }

    [Fact]
    public void Adding_again_changes_nothing()
    {
        _store.Work.File("in/plain", "p");
        var first = _store.Add(new FileImport(_store.In("plain")));
        var row = _store.Row(first.Path)!;

        var second = _store.Add(new FileImport(_store.In("plain")));

        Assert.Equal(first with { WasValid = true }, second);
        Assert.Equal(row.Id, _store.Row(first.Path)!.Id);
    }

    [Fact]
    public void Another_name_can_be_given()
    {
        _store.Work.File("in/a name with spaces", "p");

        var added = _store.Add(new FileImport(_store.In("a name with spaces"), "better"));

        Assert.Equal("better", added.Path.Name);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData(".")]
    [InlineData("ü")]
    [InlineData("")]
    public void A_name_that_no_path_can_have_is_refused_before_anything_is_read(string name)
    {
        var error = Assert.Throws<NixStoreException>(() => _store.Add(new FileImport(_store.In("absent"), name)));

        Assert.Equal("InvalidStorePathName", error.ErrorId);
    }

    [Fact]
    public void What_is_not_there_is_an_error()
    {
        var error = Assert.Throws<StoreIOException>(() => _store.Add(new FileImport(_store.In("absent"))));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains(_store.In("absent"), error.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Entries());
    }

    [Fact]
    public void A_fifo_in_a_tree_is_refused_and_nothing_is_left()
    {
        _store.Work.Folder("in/tree");
        _store.Work.File("in/tree/a", "a");
        Process.Start("mkfifo", _store.In("tree/fifo")).WaitForExit();

        var error = Assert.ThrowsAny<NixStoreException>(() => _store.Add(new FileImport(_store.In("tree"))));

        Assert.Equal("UnsupportedFileType", error.ErrorId);
        Assert.Empty(_store.Entries());
    }

    [Fact]
    public void What_Nix_could_not_read_back_is_refused()
    {
        _store.Work.Folder("in/deep");
        _store.Work.Folder(Enumerable.Range(0, 70).Aggregate("in/deep", (path, _) =>
        {
            _store.Work.Folder($"{path}/d");
            return $"{path}/d";
        }) + "/e");

        var error = Assert.ThrowsAny<NixStoreException>(() => _store.Add(new FileImport(_store.In("deep"))));

        Assert.Equal("NarTooDeep", error.ErrorId);
        Assert.Empty(_store.Entries());
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("link")]
    public void Only_regular_files_can_be_flat(string name)
    {
        _store.Work.Folder("in/directory");
        _store.Work.Link("in/link", "directory");

        var error = Assert.Throws<NixStoreException>(() => _store.Add(new FileImport(_store.In(name), null, ContentAddressMethod.Flat)));

        Assert.Equal("NotARegularFile", error.ErrorId);
    }

    [Fact]
    public void Other_methods_are_refused()
        => Assert.Equal("UnsupportedContentAddress",
            Assert.Throws<NixStoreException>(() => new FileImport("/x", null, ContentAddressMethod.Git)).ErrorId);

    [Fact]
    public void Cancellation_leaves_nothing()
    {
        _store.Work.File("in/plain", "p");
        using var importer = PathImporter.Open(_store.Location, default);

        Assert.ThrowsAny<OperationCanceledException>(() => importer.Add(new FileImport(_store.In("plain")), new CancellationToken(true)));

        Assert.Empty(_store.Entries());
    }

    [Fact]
    public void A_read_only_store_is_refused_and_not_made()
    {
        var location = StoreLocator.Locate($"local?root={_store.Work.Path}/root&read-only=true");

        var error = Assert.Throws<NixStoreException>(() => PathImporter.Open(location, default));

        Assert.Equal("StoreReadOnly", error.ErrorId);
        Assert.False(_store.Work.Exists("root"));
    }

    [Fact]
    public void Contents_without_a_database_are_not_given_a_new_one()
    {
        Directory.CreateDirectory($"{_store.Location.RealDirectory}/00000000000000000000000000000000-x");

        var error = Assert.Throws<NixStoreException>(() => PathImporter.Open(_store.Location, default));

        Assert.Equal("DatabaseLost", error.ErrorId);
    }

    private void AssertSameRows(RealNix nix, IEnumerable<string> paths)
    {
        using var theirs = StoreDatabase.OpenForReading(StoreLocator.Locate(nix.Root));
        using var ours = StoreDatabase.OpenForReading(_store.Location);
        foreach (var path in paths)
        {
            Assert.Equal(Describe(theirs.Find(path)!), Describe(ours.Find(path)!));
        }

        static object Describe(PathRow row)
            => (row.Path, row.Hash, row.NarSize, row.Deriver, row.Ultimate, row.Signatures, row.ContentAddress, row.References.Count);
    }

    private void Verify(RealNix nix) => nix.Run("nix-store", "--store", _store.Location.Url, "--verify", "--check-contents");
}
