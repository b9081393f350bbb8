using NixStore.Engine.Salvage;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>Of a sound database the walker reads what SQLite reads, and has no losses.</summary>
public sealed class SoundDatabaseTests
{
    public static TheoryData<DatabaseRecipe> Recipes => new()
    {
        new(1, 0),
        new(2, 1),
        new(3, 500),
        new(4, 500) { Deleted = 200 },
        new(5, 500) { PageSize = 512 },
        new(6, 500) { PageSize = 512, IsLong = true, Deleted = 100 },
        new(7, 300) { PageSize = 1024, IsLong = true },
        new(8, 300) { IsLong = true, Deleted = 50 },
        new(9, 300) { PageSize = 65536, IsLong = true },
        new(10, 300) { PageSize = 32768 },
        new(11, 400) { IsVacuumed = true, Deleted = 100 },
        new(12, 300) { InLog = 50 },
        new(13, 300) { InLog = 50, IsInterrupted = true, Deleted = 100 },
        new(14, 300) { PageSize = 1024, InLog = 30, IsInterrupted = true, IsLong = true },
        new(15, 0) { InLog = 20, IsInterrupted = true },
        new(17, 100) { IsAllInLog = true, InLog = 3 },
        new(18, 300) { InLog = 40, IsLogReused = true },
        new(16, 5000) { PageSize = 512, Deleted = 500, InLog = 20 },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void It_reads_as_SQLite_does(DatabaseRecipe recipe)
    {
        using var database = new RandomDatabase(recipe);

        var salvaged = database.Salvage();

        var current = salvaged.Paths.Where(path => path.Place.Origin == SalvageOrigin.Tree).ToList();
        Assert.Equal(database.ReadBySqlite(), current.Select(RandomDatabase.Describe));
        Assert.Empty(salvaged.Losses);
        Assert.Equal(recipe.PageSize, salvaged.PageSize);
        Assert.All(current, path => Assert.True(path.IsIndexed));
        Assert.All(current, path => Assert.Empty(path.DanglingReferences));
        Assert.DoesNotContain(salvaged.Paths, path => path.Place.Origin is SalvageOrigin.Index or SalvageOrigin.OrphanedPage);
        Assert.DoesNotContain(salvaged.Paths, path => path.IsIndexed && path.Place.Origin != SalvageOrigin.Tree);
    }

    [Fact]
    public void What_was_deleted_is_found_in_free_pages_and_said_to_be_no_longer_current()
    {
        using var database = new RandomDatabase(new(1, 600) { Deleted = 300 });

        var deleted = database.Salvage().Paths.Where(path => path.Place.Origin == SalvageOrigin.FreePage).ToList();

        Assert.NotEmpty(deleted);
        Assert.All(deleted, path => Assert.InRange(path.Id, 201, 500));
        Assert.All(deleted, path => Assert.False(path.IsIndexed));
    }

    [SkippableFact]
    public void A_database_of_real_Nix_is_read_as_SQLite_reads_it_and_nothing_is_touched()
    {
        using var store = LabStore.Signed();
        var untouched = Untouched.Of(store.Location);

        var salvaged = SalvagedDatabase.Read(store.Location, CancellationToken.None);

        untouched.Verify();
        Assert.Empty(salvaged.Losses);
        LabRows.AssertEqual(LabRows.Of(store), salvaged.Paths);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var database = new RandomDatabase(new(1, 10));

        Assert.ThrowsAny<OperationCanceledException>(
            () => SalvagedDatabase.Read(database.DatabasePath, StoreDirectory.Default, new CancellationToken(canceled: true)));
    }
}
