using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Verification;

/// <summary>A store directory without any registered path is not mounted, as a rule: one error, not a missing path for each row.</summary>
public sealed class EmptyStoreDirectoryTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("rm -rf ./* .links")]
    [InlineData("rm -rf \"$PWD\"")]
    [InlineData("rm -rf ./* && mkdir lost+found && touch .snapshots")]
    public void It_is_one_error(string damage)
    {
        Command.Run("/bin/sh", "-c", $"cd {_store.Location.RealDirectory} && {damage}");
        using var database = StoreDatabase.OpenForReading(_store.Location);

        var error = Assert.Throws<StoreDirectoryEmptyException>(() => PathLister.Open(database));

        Assert.Equal(("StoreDirectoryEmpty", _store.Location.RealDirectory), (error.ErrorId, error.Target));
        Assert.Contains(" 3 ", error.Message, StringComparison.Ordinal);
        Assert.Throws<StoreDirectoryEmptyException>(() => PathLister.EnsureNotEmpty(database));
        Assert.All(PathLister.Open(database, acceptEmpty: true).List(), path => Assert.Equal(StorePathState.Missing, path.State));
    }

    [Fact]
    public void One_path_that_is_there_shows_that_it_is_mounted()
    {
        foreach (var name in (string[])["a", "b"])
        {
            File.Delete(_store.Location.RealPathOf(SmallStore.PathOf(name)));
        }

        using var database = StoreDatabase.OpenForReading(_store.Location);

        Assert.Equal(2, PathLister.Open(database).List().Count(path => path.State == StorePathState.Missing));
    }

    [Fact]
    public void A_store_in_which_nothing_is_registered_may_be_empty()
    {
        using var store = new SmallStore();
        using var database = StoreDatabase.OpenForReading(store.Location);

        Assert.Empty(PathLister.Open(database).List());
    }

    [SkippableFact]
    public void The_lab_case_is_seen()
    {
        using var store = LabStore.Signed();
        store.Damage("b4-empty-store-not-mounted");
        using var database = StoreDatabase.OpenForReading(store.Location);

        Assert.Throws<StoreDirectoryEmptyException>(() => PathLister.Open(database));
    }
}
