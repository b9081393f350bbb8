using NixStore.Engine.Collection;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Collection;

public sealed class CollectionGuardTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_sound_database_is_believed() => EnsureSound();

    [Theory]
    [InlineData("insert into Refs values (99, 1)")]
    [InlineData("insert into Refs values (1, 99)")]
    [InlineData("insert into DerivationOutputs values (99, 'out', '/nix/store/x')")]
    [InlineData("delete from ValidPaths where id = 1")]
    public void Rows_that_name_no_path_make_a_database_unbelievable(string damage)
    {
        _store.Sql("pragma foreign_keys = off; " + damage);

        var error = Assert.Throws<NixStoreException>(EnsureSound);

        Assert.Equal(("DatabaseNotTrustworthy", StoreErrorKind.InvalidData, _store.Location.DatabasePath), (error.ErrorId, error.Kind, error.Target));
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void Checks_that_take_long_can_be_cancelled()
    {
        _store.Sql("create table Long (x)");
        Exception? error = null;

        // The timer comes too late on a busy machine: then there is more to check the next time.
        for (var rows = 300_000; error is null && rows < 10_000_000; rows *= 2)
        {
            _store.Sql($"with recursive n (i) as (select 1 union all select i + 1 from n where i < {rows}) insert into Long select i from n");
            error = Enumerable.Range(1, 10).Select(milliseconds => Record.Exception(() =>
            {
                using var cancellation = new CancellationTokenSource(milliseconds);
                CollectionGuard.EnsureSound(_store.Location, cancellation.Token);
            })).FirstOrDefault(one => one is not null);
        }

        Assert.IsType<OperationCanceledException>(error);
    }

    [Fact]
    public void A_store_of_which_a_few_entries_are_not_registered_is_plausible()
    {
        AddUnregistered(10);

        CollectionGuard.EnsurePlausible(Survey());
    }

    [Fact]
    public void A_store_of_which_most_is_not_registered_is_not_plausible()
    {
        AddUnregistered(11);

        var error = Assert.Throws<NixStoreException>(() => CollectionGuard.EnsurePlausible(Survey()));

        Assert.Equal("DatabaseNotTrustworthy", error.ErrorId);
        Assert.Contains("3 of the 14", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_database_is_not_plausible()
    {
        _store.Sql("delete from Refs; delete from ValidPaths");
        AddUnregistered(9);

        // The three that were registered, and nine.
        Assert.Equal("DatabaseNotTrustworthy", Assert.Throws<NixStoreException>(() => CollectionGuard.EnsurePlausible(Survey())).ErrorId);
    }

    [Fact]
    public void An_empty_directory_is_not_plausible()
    {
        foreach (var file in Directory.EnumerateFiles(_store.Location.RealDirectory))
        {
            File.Delete(file);
        }

        Assert.Throws<StoreDirectoryEmptyException>(() => CollectionGuard.EnsurePlausible(Survey()));
    }

    [Fact]
    public void An_empty_store_is_plausible()
    {
        using var empty = new SmallStore();
        using var database = StoreDatabase.OpenForReading(empty.Location);

        CollectionGuard.EnsurePlausible(StoreSurvey.Look(database, new LivenessSettings(), null, default));
    }

    private void EnsureSound() => CollectionGuard.EnsureSound(_store.Location, CancellationToken.None);

    private void AddUnregistered(int count)
    {
        for (var i = 0; i < count; i++)
        {
            File.WriteAllText(_store.Location.RealPathOf(SmallStore.PathOf($"unregistered{i}")), "");
        }
    }

    private StoreSurvey Survey()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return StoreSurvey.Look(database, new LivenessSettings(), null, CancellationToken.None);
    }
}
