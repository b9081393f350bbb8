using NixStore.Engine.Salvage;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>The cases of tests/interop/damage.py that concern the database, on a store that real Nix made.</summary>
public sealed class DamageCaseTests
{
    [SkippableTheory]
    [InlineData("f1-row-missing-referrers-exist")]
    [InlineData("f2-row-and-path-missing-referrers-exist")]
    [InlineData("f3-drv-row-missing")]
    [InlineData("g1-dangling-refs-referrer")]
    [InlineData("g2-dangling-refs-reference")]
    [InlineData("g3-missing-refs-row")]
    [InlineData("g4-cycle")]
    [InlineData("g5-bad-path-row")]
    [InlineData("g6-bad-hash-row")]
    [InlineData("g7-null-hash-size")]
    [InlineData("g8-bad-sigs")]
    [InlineData("g9-bad-deriver")]
    [InlineData("g10-wrong-narsize")]
    [InlineData("g11-wrong-hash")]
    [InlineData("g12-bad-ca")]
    [InlineData("h7-index-entry-missing")]
    [InlineData("h8-wal-leftover-committed")]
    [InlineData("h9-wal-torn")]
    [InlineData("h10-wal-lost")]
    [InlineData("h11-schema-missing")]
    [InlineData("h12-schema-garbage")]
    public void Where_SQLite_reads_all_rows_so_does_the_walker(string damage)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);
        var untouched = Untouched.Of(store.Location);

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        untouched.Verify();
        LabRows.AssertEqual(LabRows.Of(store), salvaged.Paths.Where(path => path.Place.Origin == SalvageOrigin.Tree));
        Assert.All(salvaged.Losses, loss => Assert.True(damage == "h9-wal-torn" && loss.FirstPage == 0, loss.ToString()));
    }

    [SkippableTheory]
    [InlineData("h2-header-destroyed")]
    [InlineData("h13-schema-newer")]
    [InlineData("h14-refs-page-zeroed")]
    public void Where_SQLite_refuses_all_is_found(string damage)
    {
        using var store = LabStore.Signed();
        var before = LabRows.Of(store);
        store.Damage(damage);
        var untouched = Untouched.Of(store.Location);

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        untouched.Verify();
        LabRows.AssertEqual(before, salvaged.Paths);
        Assert.All(salvaged.Paths, path => Assert.Equal((SalvageOrigin.Tree, true), (path.Place.Origin, path.IsIndexed)));
    }

    [SkippableFact]
    public void Where_a_page_is_gone_the_rest_is_found_and_the_index_knows_the_paths()
    {
        using var store = LabStore.Signed();
        var before = LabRows.Of(store);
        store.Damage("h1-page-zeroed");

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        var complete = salvaged.Paths.Where(path => path.IsComplete).ToList();
        Assert.InRange(complete.Count, 20, before.Count - 1);
        Assert.All(complete, path => Assert.Contains(Columns(LabRows.Describe(path)), before.Select(Columns)));
        Assert.Single(salvaged.Losses);
        Assert.Equal(before.Select(row => row.Split('|')[1]), salvaged.Paths.Select(path => path.Row.Path));
        Assert.Equal(before.Select(row => row.Split('|')[^1]), salvaged.Paths.Select(path => string.Join(' ', path.Row.References)));
    }

    [SkippableFact]
    public void Where_the_second_half_is_gone_so_are_all_rows_of_a_small_store_but_not_its_graph()
    {
        using var store = LabStore.Signed();
        var sound = SalvagedDatabase.Read(store.Location, CancellationToken.None);
        store.Damage("h3-db-truncated");

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        // The root page of the index has one entry itself.
        var known = Assert.Single(salvaged.Paths);
        Assert.False(known.IsComplete);
        Assert.Contains((known.Id, known.Row.Path), sound.Paths.Select(path => (path.Id, path.Row.Path)));
        Assert.Equal(sound.Paths.Sum(path => path.Row.References.Count),
            salvaged.LooseReferences.Count + known.Row.References.Count + known.DanglingReferences.Count);
        Assert.Equal(sound.Paths.Sum(path => path.Row.Outputs.Count), salvaged.LooseOutputs.Count + known.Row.Outputs.Count);
        Assert.Contains(salvaged.Losses, loss => loss.Reason == "is behind the end of the file" && loss.LastPage == sound.PageCount);
    }

    [SkippableTheory]
    [InlineData("h4-db-zero-length")]
    [InlineData("h5-db-missing")]
    [InlineData("h6-db-dir-missing")]
    public void Where_there_is_nothing_that_is_said(string damage)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        Assert.Empty(salvaged.Paths);
        Assert.Single(salvaged.Losses);
    }

    [SkippableFact]
    public void References_of_no_row_and_to_no_row_are_kept_by_id()
    {
        using var store = LabStore.Signed();
        store.Damage("g1-dangling-refs-referrer");
        store.Damage("g2-dangling-refs-reference");

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        Assert.Equal([999999L, 999999L], salvaged.LooseReferences.Select(reference => reference.Referrer));
        Assert.Equal(2, salvaged.Paths.Count(path => path.DanglingReferences is [999999]));
    }

    private static string Columns(string row) => row[..row.LastIndexOf('|')];
}
