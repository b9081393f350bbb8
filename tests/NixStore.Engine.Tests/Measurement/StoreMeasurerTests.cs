using NixStore.Engine.Measurement;
using NixStore.Engine.Optimisation;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Measurement;

public sealed class StoreMeasurerTests : IDisposable
{
    private readonly TreeStore _store = new();
    private readonly List<NixStoreException> _errors = [];

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_hard_links_save_is_counted_and_each_file_once(int workers)
    {
        _store.Add("one", "head -c 100000 /dev/zero > a; printf b > b");
        _store.Add("two", "head -c 100000 /dev/zero > a; mkdir d; printf b > d/b; ln -s x l");
        var before = Measure(workers);
        var saved = StoreOptimiser.Run(_store.Location, new(), null, _errors.Add, new(), default);
        var after = Measure(workers);

        Assert.Equal((2, 0, 0, 0), (before.PathCount, before.DerivationCount, before.MissingCount, before.UnregisteredCount));
        Assert.Equal((0, 0, 8), (before.SharedSize, before.LinkCount, before.FileCount));
        Assert.Equal(saved.BytesFreed, after.SharedSize);
        Assert.Equal(before.DiskSize, after.DiskSize + after.SharedSize);
        Assert.Equal((3, 0), (after.LinkCount, after.UnusedLinkCount));
        Assert.Equal(DiskUsageOf(_store.Location.RealDirectory), after.DiskSize);
        Assert.True(after.NarSize > 200_000);
        Assert.True(after is { DatabaseSize: > 0, FileSystemSize: > 0, FreeSpace: > 0, LinksDirectorySize: >= 0, ReclaimableSize: null });
        Assert.Empty(_errors);
    }

    [Fact]
    public void Missing_unregistered_and_unused_things_are_counted()
    {
        _store.Add("one", "printf one > a");
        var two = _store.Add("two", "printf two > a");
        StoreOptimiser.Run(_store.Location, new(), null, _errors.Add, new(), default);
        _store.Shell("chmod -R u+w \"$2\"; rm -r \"$2\"; touch \"$1/junk\"", two);
        var measure = Measure(2);
        Assert.Equal((2, 1, 1, 1), (measure.PathCount, measure.MissingCount, measure.UnregisteredCount, measure.UnusedLinkCount));
        Assert.True(measure.UnusedLinkSize > 0);
        Assert.Equal(DiskUsageOf(_store.Location.RealDirectory), measure.DiskSize);
    }

    [Fact]
    public void The_largest_paths_come_first()
    {
        _store.Add("small", "printf x > a");
        _store.Add("large", "head -c 50000 /dev/zero > a");
        _store.Add("middle", "head -c 5000 /dev/zero > a");
        Assert.Equal(["large", "middle"], Measure(1, top: 2).LargestPaths.Select(path => path.Name));
    }

    [Fact]
    public void Who_knows_says_what_can_be_reclaimed()
    {
        _store.Add("one", "printf one > a");
        var measure = StoreMeasurer.Measure(
            _store.Location, new() { FindReclaimable = (database, _) => database.CountPaths() }, _errors.Add, new(), default);
        Assert.Equal(1, measure.ReclaimableSize);
    }

    [Fact]
    public void Nothing_is_changed()
    {
        _store.Add("one", "printf one > a; ln -s x l");
        var untouched = Untouched.Of(_store.Location);
        Measure(2);
        Assert.Empty(untouched.Differences());
    }

    [Fact]
    public void An_empty_store_directory_is_no_measure()
    {
        var one = _store.Add("one", "printf one > a");
        _store.Shell("chmod -R u+w \"$2\"; rm -r \"$2\"", one);
        Assert.Throws<StoreDirectoryEmptyException>(() => Measure(1));
    }

    [Fact]
    public void It_can_be_stopped()
    {
        _store.Add("one", "printf one > a");
        Assert.ThrowsAny<OperationCanceledException>(
            () => StoreMeasurer.Measure(_store.Location, new(), _errors.Add, new(), new CancellationToken(true)));
    }

    private static long DiskUsageOf(string directory)
        => long.Parse(Command.Run("du", "-s", "--block-size=1", directory).Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);

    private StoreMeasure Measure(int workers, int top = 10)
        => StoreMeasurer.Measure(_store.Location, new() { Workers = workers, Top = top }, _errors.Add, new(), default);
}
