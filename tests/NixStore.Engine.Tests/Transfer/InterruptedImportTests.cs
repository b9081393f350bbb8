using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Tests.Transfer;

/// <summary>What an import that was killed leaves behind, made by hand; a new import must complete it.</summary>
public sealed class InterruptedImportTests : IDisposable
{
    private readonly TransferStore _store = new();
    private readonly StorePath _path;

    public InterruptedImportTests()
    {
        _store.Work.Folder("in/tree");
        _store.Work.File("in/tree/a", "a");
        using var other = new TransferStore();
        _path = other.Add(new FileImport(_store.In("tree"))).Path;
        StoreCreator.EnsureExists(_store.Location);
    }

    private string Target => _store.Location.RealPathOf(_path);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Complete_contents_without_a_row()
    {
        using (var other = new TransferStore())
        {
            other.Add(new FileImport(_store.In("tree")));
            Directory.Move(other.Location.RealPathOf(_path), Target);
        }

        AssertCompletes();
    }

    [Fact]
    public void Half_of_the_contents()
    {
        Directory.CreateDirectory($"{Target}/sub");
        File.WriteAllText($"{Target}/b", "b");
        File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        AssertCompletes();
    }

    [Fact]
    public void A_file_in_the_place_of_a_directory()
    {
        File.WriteAllText(Target, "");

        AssertCompletes();
    }

    [Fact]
    public void A_link_in_the_place_of_a_directory_is_not_followed()
    {
        _store.Work.Folder("elsewhere");
        _store.Work.File("elsewhere/precious");
        File.CreateSymbolicLink(Target, $"{_store.Work.Path}/elsewhere");

        AssertCompletes();
        Assert.True(_store.Work.Exists("elsewhere/precious"));
    }

    [Fact]
    public void A_lock_file_and_a_staging_directory_of_a_dead_process()
    {
        File.WriteAllText($"{Target}.lock", "");
        Directory.CreateDirectory($"{_store.Location.RealDirectory}/tmp-4000000-1/1");

        AssertCompletes("tmp-4000000-1");
    }

    [Fact]
    public void A_row_without_contents_is_work_for_a_repair()
    {
        _store.Add(new FileImport(_store.In("tree")));
        new DirectoryInfo(Target).Delete(recursive: true);

        // As for Nix: what is registered counts as valid.
        Assert.True(_store.Add(new FileImport(_store.In("tree"))).WasValid);
    }

    [Fact]
    public void A_store_whose_making_was_interrupted()
    {
        File.Delete(_store.Location.SchemaPath);

        AssertCompletes();
    }

    [Fact]
    public async Task A_path_that_somebody_else_registers_meanwhile_is_left_to_them()
    {
        using var importer = PathImporter.Open(_store.Location, default);
        using var locked = importer.Store.Protect(_path, default);
        var adding = Task.Run(() => importer.Add(new FileImport(_store.In("tree")), default));
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.False(adding.IsCompleted);

        using (var other = new TransferStore())
        {
            other.Add(new FileImport(_store.In("tree")));
            Directory.Move(other.Location.RealPathOf(_path), Target);
            var hash = other.Row(_path)!;
            importer.Store.Database.Register([new PathRegistration(new ValidPathInfo
            {
                Path = _path,
                NarHash = NixHash.Parse(hash.Hash!),
                NarSize = hash.NarSize!.Value,
            })]);
        }

        locked.Dispose();
        Assert.True((await adding).WasValid);
        Assert.Null(_store.Row(_path)!.ContentAddress);
    }

    [Fact]
    public void While_it_is_open_the_importer_protects_what_it_added()
    {
        using (var importer = PathImporter.Open(_store.Location, default))
        {
            importer.Add(new FileImport(_store.In("tree")), default);

            var file = Assert.Single(Directory.GetFiles($"{_store.Location.StateDirectory}/temproots"));
            using var roots = Posix.Open(file, OpenFlags.ReadOnly);
            Assert.Contains($"{_store.Directory.Print(_path)}\0", System.Text.Encoding.UTF8.GetString(Posix.ReadAll(roots)), StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles($"{_store.Location.StateDirectory}/temproots"));
    }

    private void AssertCompletes(params string[] others)
    {
        var added = _store.Add(new FileImport(_store.In("tree")));

        Assert.Equal(_path, added.Path);
        Assert.False(added.WasValid);
        Assert.True(_store.IsIntact(_path));
        Assert.Equal([_path.BaseName, .. others], _store.Entries());
    }
}
