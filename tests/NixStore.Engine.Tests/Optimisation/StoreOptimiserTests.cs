using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Optimisation;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Optimisation;

public sealed class StoreOptimiserTests : IDisposable
{
    private const string Two = "printf same > a; mkdir d; printf same > d/b; ln -s target l";
    private readonly TreeStore _store = new();
    private readonly List<NixStoreException> _errors = [];

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Equal_files_become_one(int workers)
    {
        var (one, two) = (_store.Add("one", Two), _store.Add("two", Two + "; printf more > c"));
        var result = Run(new OptimisationOptions { Workers = workers });

        Assert.Single(new[] { $"{one}/a", $"{one}/d/b", $"{two}/a", $"{two}/d/b" }.Select(TreeStore.Inode).Distinct());
        Assert.Equal(TreeStore.Inode($"{one}/l"), TreeStore.Inode($"{two}/l"));
        Assert.Equal((2, 7, 4, 3), (result.Paths, result.FilesExamined, result.FilesLinked, result.LinksCreated));
        Assert.True(result.BytesFreed > 0);
        Assert.Equal((0, 0), (result.FilesSkipped, result.BadLinks));
        Assert.Empty(_errors);
        Assert.Empty(_store.Check());
        Assert.Empty(Directory.EnumerateFiles(_store.Location.RealDirectory, ".tmp-link*"));
    }

    [Fact]
    public void A_link_is_named_by_the_hash_of_its_archive()
    {
        var one = _store.Add("one", "printf x > f; printf x > x; chmod +x x; ln -s t l");
        Run();
        using var directory = Posix.Open(one, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        foreach (var name in new[] { "f", "x", "l" })
        {
            var link = $"{_store.Location.LinksDirectory}/{hasher.HashTree(directory, ByteName.From(name)).Hash.ToNix32()}";
            Assert.Equal(TreeStore.Inode($"{one}/{name}"), TreeStore.Inode(link));
        }

        Assert.NotEqual(TreeStore.Inode($"{one}/f"), TreeStore.Inode($"{one}/x"));
    }

    [Fact]
    public void A_second_run_finds_nothing_to_do()
    {
        _store.Add("one", Two);
        _store.Add("two", Two);
        Run();
        var before = _store.Listing();
        var second = Run();
        Assert.Equal((0, 0, 6), (second.FilesLinked, second.LinksCreated, second.FilesExamined));
        Assert.Equal(before, _store.Listing());
    }

    [Fact]
    public void A_prediction_comes_true_and_changes_nothing()
    {
        _store.Add("one", Two + "; head -c 10000 /dev/zero > z; ln z z2");
        _store.Add("two", Two + "; head -c 10000 /dev/zero > z");
        _store.Shell("mkdir -p \"$1/.links\"");
        var untouched = Untouched.Of(_store.Location);
        var predicted = Run(new OptimisationOptions { IsPrediction = true });
        Assert.Empty(untouched.Differences());
        var done = Run();
        Assert.True(predicted.IsPrediction);
        Assert.Equal(
            (done.FilesLinked, done.BytesFreed, done.LinksCreated, done.FilesExamined),
            (predicted.FilesLinked, predicted.BytesFreed, predicted.LinksCreated, predicted.FilesExamined));
        var nothing = Run(new OptimisationOptions { IsPrediction = true });
        Assert.Equal((0, 0), (nothing.FilesLinked, nothing.BytesFreed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_link_of_equal_size_that_nobody_shares_is_replaced_and_not_spread(bool verifyLinks)
    {
        var one = _store.Add("one", Two);
        Run();
        _store.Shell("""
            cd "$1"; for l in .links/*; do if [ -f $l ] && [ ! -L $l ] && [ $(cat $l) = same ]; then
                rm $l; printf evil > $l; chmod 444 $l; touch -d @1 $l; fi; done
            """);
        _store.Shell("cp -p \"$2/a\" \"$1/.copy\"; mv \"$1/.copy\" \"$2/a\"; touch -d @1 \"$2\"", one);

        var result = Run(new OptimisationOptions { VerifyLinks = verifyLinks, Workers = 1 });

        Assert.Equal("LinkCorrupt", Assert.Single(_errors).ErrorId);
        Assert.Equal((1, 1), (result.BadLinks, result.BadLinksMended));
        Assert.Equal("same", File.ReadAllText($"{one}/a"));
        Assert.Equal("same", File.ReadAllText($"{one}/d/b"));
        Assert.Equal(TreeStore.Inode($"{one}/a"), TreeStore.Inode($"{one}/d/b"));
        Assert.DoesNotContain(Directory.EnumerateFiles(_store.Location.LinksDirectory), link => new FileInfo(link).LinkTarget is null && File.ReadAllText(link) == "evil");
        Assert.Empty(_store.Check());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_link_that_a_path_shares_is_left_to_repair(bool verifyLinks)
    {
        var one = _store.Add("one", "printf same > a");
        Run();
        _store.Shell("chmod u+w \"$2/a\"; printf evil > \"$2/a\"; chmod 444 \"$2/a\"; touch -d @1 \"$2/a\"", one);
        var two = _store.Add("two", "printf same > a; printf other > b; printf other > c");

        var result = Run(new OptimisationOptions { VerifyLinks = verifyLinks, Workers = 1 });

        Assert.All(_errors, error => Assert.Equal("LinkCorrupt", error.ErrorId));
        Assert.Contains("1 files of store paths share it", _errors[0].Message, StringComparison.Ordinal);
        Assert.Equal("same", File.ReadAllText($"{two}/a"));
        Assert.Equal((1, 1), (result.FilesSkipped, result.FilesLinked));
        Assert.Equal(0, result.BadLinksMended);
    }

    [Fact]
    public void Verifying_the_links_removes_bad_ones_that_nobody_shares()
    {
        _store.Add("one", Two);
        Run();
        _store.Shell($"cd \"$1/.links\"; printf zzz > {new string('0', 52)}; mkfifo junkpipe; mkdir folder; ln -s x {new string('1', 52)}");
        var predicted = Run(new OptimisationOptions { VerifyLinks = true, IsPrediction = true });
        Assert.Equal((4, 0), (predicted.BadLinks, predicted.BadLinksMended));
        _errors.Clear();

        var result = Run(new OptimisationOptions { VerifyLinks = true });

        Assert.Equal((4, 3), (result.BadLinks, result.BadLinksMended));
        Assert.Equal(4, _errors.Count);
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(_store.Location.LinksDirectory).Count());
    }

    [Fact]
    public void A_link_with_other_metadata_is_not_spread()
    {
        var one = _store.Add("one", "printf same > a");
        Run();
        _store.Shell("touch -d @1000 \"$2/a\"", one);
        var two = _store.Add("two", "printf same > a");
        var predicted = Run(new OptimisationOptions { IsPrediction = true });
        var result = Run();
        Assert.Equal(2, _errors.Count(error => error.ErrorId == "LinkAltered"));
        Assert.Equal((1, 0), (result.FilesSkipped, result.FilesLinked));
        Assert.Equal((1, 0), (predicted.FilesSkipped, predicted.FilesLinked));
        Assert.Equal(1, TreeStore.Status($"{two}/a").ModificationSeconds);
    }

    [Fact]
    public void One_bad_thing_is_one_error_and_the_rest_goes_on()
    {
        var bad = _store.Add("bad", "printf same > a; printf w > writable; printf p > pipe");
        var gone = _store.Add("gone", "printf gone > x");
        var good = _store.Add("good", "printf same > a");
        _store.Shell("chmod u+w \"$2/writable\"; rm \"$2/pipe\"; mkfifo \"$2/pipe\"; chmod -R u+w \"$3\"; rm -r \"$3\"", bad, gone);
        var result = Run();
        Assert.Equal(["FileWritable", "PathNotFound", "UnsupportedFileType"], _errors.Select(error => error.ErrorId).Order(StringComparer.Ordinal));
        Assert.Equal(2, result.FilesSkipped);
        Assert.Equal(TreeStore.Inode($"{bad}/a"), TreeStore.Inode($"{good}/a"));
    }

    [Fact]
    public void Short_files_can_be_left_alone()
    {
        _store.Add("one", "printf same > a; printf same > b; printf longer > c; printf longer > d; ln -s x l; ln -s x m");
        var result = Run(new OptimisationOptions { MinimumSize = 5 });
        Assert.Equal((1, 1, 0), (result.FilesLinked, result.LinksCreated, result.FilesSkipped));
    }

    [Fact]
    public void Only_wanted_paths_are_changed()
    {
        var (one, two) = (_store.Add("one", Two), _store.Add("two", Two));
        var result = Run(filter: path => path.EndsWith("-one", StringComparison.Ordinal));
        Assert.Equal((1, 1), (result.Paths, result.FilesLinked));
        Assert.NotEqual(TreeStore.Inode($"{one}/a"), TreeStore.Inode($"{two}/a"));
    }

    [Fact]
    public void Paths_that_are_files_are_linked_too()
    {
        using var small = new SmallStore("alpha");
        var file = small.Location.RealPathOf(SmallStore.PathOf("alpha"));
        File.Copy(file, $"{small.Location.RealDirectory}/{SmallStore.PathOf("beta").BaseName}");
        var copy = small.Location.RealPathOf(SmallStore.PathOf("beta"));
        File.SetUnixFileMode(copy, (UnixFileMode)0x124);
        File.SetLastWriteTimeUtc(copy, DateTime.UnixEpoch.AddSeconds(1));
        small.Sql($"insert into ValidPaths (path, hash, registrationTime, narSize) select '{small.Full("beta")}', hash, 1, narSize from ValidPaths");
        var result = StoreOptimiser.Run(small.Location, new(), null, _errors.Add, new(), default);
        Assert.Equal((1, 1), (result.FilesLinked, result.LinksCreated));
        Assert.Equal(TreeStore.Inode(file), TreeStore.Inode(copy));
    }

    [Fact]
    public void Links_that_lead_elsewhere_are_refused()
    {
        _store.Add("one", Two);
        _store.Shell("rm -rf \"$1/.links\"; ln -s /tmp \"$1/.links\"");
        Assert.Throws<StoreIOException>(() => Run());
    }

    [Fact]
    public void Temporary_link_names_of_the_dead_are_stepped_over()
    {
        _store.Add("one", Two);
        for (var i = 0; i < 50_000; i += 7)
        {
            File.WriteAllText($"{_store.Location.RealDirectory}/.tmp-link-{Environment.ProcessId}-{i}", "");
        }

        Assert.Equal(1, Run().FilesLinked);
        Assert.Empty(_errors);
    }

    [Fact]
    public void It_can_be_stopped()
    {
        _store.Add("one", Two);
        Assert.ThrowsAny<OperationCanceledException>(
            () => StoreOptimiser.Run(_store.Location, new(), null, _errors.Add, new(), new CancellationToken(true)));
    }

    [Fact]
    public void A_read_only_store_can_be_predicted_only()
    {
        _store.Add("one", Two);
        var location = StoreLocator.Locate($"local?root={_store.Root}&read-only=true");
        Assert.Equal("StoreReadOnly", Assert.Throws<NixStoreException>(
            () => StoreOptimiser.Run(location, new(), null, _errors.Add, new(), default)).ErrorId);
        Assert.Equal(1, StoreOptimiser.Run(location, new() { IsPrediction = true }, null, _errors.Add, new(), default).FilesLinked);
    }

    [SkippableFact]
    public void A_store_that_is_mounted_read_only_is_optimised() => MountNamespace.Run(space =>
    {
        var (one, two) = (_store.Add("one", Two), _store.Add("two", Two));
        space.MakeReadOnly(_store.Location.RealDirectory);
        Run(new OptimisationOptions { Workers = 1 });
        Assert.Equal(TreeStore.Inode($"{one}/a"), TreeStore.Inode($"{two}/a"));
    });

    private StoreOptimisation Run(OptimisationOptions? options = null, Func<string, bool>? filter = null)
        => StoreOptimiser.Run(_store.Location, options ?? new(), filter, _errors.Add, new(), default);
}
