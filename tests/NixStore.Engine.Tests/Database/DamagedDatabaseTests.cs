using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Database;

/// <summary>The cases of tests/interop/damage.py that concern the database: reading gives a typed error or all that can be had.</summary>
public sealed class DamagedDatabaseTests
{
    [SkippableTheory]
    [InlineData("h1-page-zeroed", "DatabaseMalformed")]
    [InlineData("h2-header-destroyed", "DatabaseMalformed")]
    [InlineData("h3-db-truncated", "DatabaseMalformed")]
    [InlineData("h4-db-zero-length", "DatabaseEmpty")]
    [InlineData("h5-db-missing", "DatabaseNotFound")]
    [InlineData("h6-db-dir-missing", "DatabaseNotFound")]
    [InlineData("h13-schema-newer", "SchemaTooNew")]
    public void What_cannot_be_read_is_a_typed_error_and_stays_as_it_is(string damage, string id)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);
        var untouched = Untouched.Of(store.Location);

        var error = Assert.Throws<StoreDatabaseException>(() =>
        {
            using var database = StoreDatabase.OpenForReading(store.Location);
            return database.ReadPaths().Count();
        });

        Assert.Equal(id, error.ErrorId);
        Assert.NotNull(error.Remedy);
        untouched.Verify();
    }

    [SkippableTheory]
    [InlineData("h7-index-entry-missing", 75)]
    [InlineData("h8-wal-leftover-committed", 75)]
    [InlineData("h9-wal-torn", 75)]
    [InlineData("h10-wal-lost", 74)]
    [InlineData("h11-schema-missing", 75)]
    [InlineData("h12-schema-garbage", 75)]
    [InlineData("h14-refs-page-zeroed", 75)]
    [InlineData("f1-row-missing-referrers-exist", 74)]
    [InlineData("f3-drv-row-missing", 74)]
    public void What_can_be_read_is_read_to_the_last_row(string damage, int rows)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);
        var untouched = Untouched.Of(store.Location);

        using (var database = StoreDatabase.OpenForReading(store.Location))
        {
            Assert.Equal(rows, database.ReadPaths().Count());
        }

        untouched.Verify();
    }

    [SkippableTheory]
    [InlineData("f1-row-missing-referrers-exist", "libfoo4-1.4", StoreProblemKind.DanglingReference)]
    [InlineData("g2-dangling-refs-reference", "app-2.0", StoreProblemKind.DanglingReference)]
    [InlineData("g6-bad-hash-row", "app-2.0", StoreProblemKind.RowHash)]
    [InlineData("g7-null-hash-size", "app-2.0", StoreProblemKind.RowHash)]
    [InlineData("g7-null-hash-size", "app-2.0", StoreProblemKind.RowSize)]
    [InlineData("g8-bad-sigs", "app-2.0", StoreProblemKind.RowSignature)]
    [InlineData("g9-bad-deriver", "app-2.0", StoreProblemKind.RowDeriver)]
    [InlineData("g12-bad-ca", "fod-flat.txt", StoreProblemKind.RowContentAddress)]
    public void A_damaged_row_is_one_object_with_the_problem_and_the_others_have_none(string damage, string name, StoreProblemKind kind)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);

        using var database = StoreDatabase.OpenForReading(store.Location);
        var damaged = PathLister.Open(database).List().Where(path => path.Problems.Count > 0).ToList();

        var path = damaged.Single(path => path.Path == store.PathOf(name));
        Assert.Contains(kind, path.Problems.Select(problem => problem.Kind));
        Assert.Equal(StorePathState.Malformed, path.State);
        Assert.True(damaged.Count == 1 || kind == StoreProblemKind.DanglingReference);
    }

    [SkippableFact]
    public void A_row_whose_path_is_none_is_listed_beside_the_good_ones()
    {
        using var store = LabStore.Signed();
        store.Damage("g5-bad-path-row");

        using var database = StoreDatabase.OpenForReading(store.Location);
        var paths = PathLister.Open(database).List().ToList();

        Assert.Equal(76, paths.Count);
        var bad = paths.Single(path => path.State != StorePathState.Valid);
        Assert.Equal(("/nix/store/foo", StorePathState.Malformed), (bad.Path, bad.State));
    }
}
