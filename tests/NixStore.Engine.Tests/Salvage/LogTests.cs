using NixStore.Engine.Salvage;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>A log counts as far as SQLite would use it; what is behind a damage is found too, and told apart.</summary>
public sealed class LogTests
{
    private const int FrameLength = 24 + 4096;
    private static readonly DatabaseRecipe s_recipe = new(7, 100) { InLog = 40 };

    [Fact]
    public void A_log_that_was_cut_anywhere_counts_up_to_its_last_commit()
    {
        using var database = new RandomDatabase(s_recipe);
        var log = database.Log;
        var random = new Random(1);
        foreach (var length in Enumerable.Range(0, 40).Select(_ => random.Next(log.Length)).Concat([0, 1, 31, 32, 33, 32 + FrameLength]))
        {
            database.Log = log[..length];

            Assert.Equal(database.ReadBySqlite(), Current(database.Salvage()));
        }
    }

    [Fact]
    public void A_log_with_a_wrong_byte_anywhere_counts_up_to_the_commit_before_it()
    {
        using var database = new RandomDatabase(s_recipe);
        var log = database.Log;
        var random = new Random(2);
        foreach (var offset in Enumerable.Range(0, 40).Select(_ => random.Next(log.Length)).Concat([0, 5, 9, 17, 25, 31, 32, 40, 48]))
        {
            var damaged = log.ToArray();
            damaged[offset] ^= (byte)(1 << random.Next(8));
            database.Log = damaged;

            var salvaged = database.Salvage();

            Assert.Equal(database.ReadBySqlite(), Current(salvaged));
            Assert.Contains(salvaged.Losses, loss => loss.Reason.StartsWith("has a write-ahead log", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(32 + 24 + 1000)]
    public void What_is_behind_the_damage_is_found_and_told_apart(int offset)
    {
        using var database = new RandomDatabase(s_recipe);
        var sound = database.Salvage();
        var log = database.Log;
        log[offset] ^= 4;
        database.Log = log;

        var salvaged = database.Salvage();

        Assert.Equal(sound.Paths.Select(RandomDatabase.DescribeColumns), salvaged.Paths.Select(RandomDatabase.DescribeColumns));
        Assert.All(salvaged.Paths, path => Assert.Equal(path.Id <= s_recipe.Rows ? SalvageOrigin.Tree : SalvageOrigin.LogRemains, path.Place.Origin));
        Assert.Equal(0, salvaged.Log.CommittedFrames);
        Assert.True(salvaged.Log.RemainingFrames > 100);
    }

    [Fact]
    public void What_was_never_committed_is_told_apart()
    {
        using var database = new RandomDatabase(s_recipe with { IsInterrupted = true });

        var salvaged = database.Salvage();

        var rest = salvaged.Paths.Where(path => path.Id > 140).ToList();
        Assert.NotEmpty(rest);
        Assert.All(rest, path => Assert.Equal((SalvageOrigin.LogRemains, false), (path.Place.Origin, path.IsIndexed)));
        Assert.Empty(salvaged.Losses);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_log_that_has_everything_needs_no_database(bool exists)
    {
        using var database = new RandomDatabase(s_recipe with { IsAllInLog = true });
        var expected = database.ReadBySqlite();
        database.Bytes = [];
        if (!exists)
        {
            File.Delete(database.DatabasePath);
        }

        var salvaged = database.Salvage();

        Assert.Equal(expected, Current(salvaged));
        Assert.All(salvaged.Paths, path => Assert.True(path.Place.IsInLog));
        Assert.Equal([exists ? "The database is an empty file." : "The database has no file."], salvaged.Losses.Select(loss => loss.ToString()));
    }

    [Fact]
    public void Old_frames_have_pages_that_the_file_has_lost()
    {
        using var database = new RandomDatabase(s_recipe with { IsLogReused = true });
        var sound = database.Salvage();
        var page = sound.Paths.Last(path => !path.Place.IsInLog).Place.Page;
        database.Zero(page);

        var salvaged = database.Salvage();

        Assert.Equal(sound.Paths.Select(RandomDatabase.Describe), salvaged.Paths.Select(RandomDatabase.Describe));
        Assert.All(salvaged.Paths, path => Assert.Equal(
            sound.Paths.Single(other => other.Id == path.Id).Place.Page == page ? SalvageOrigin.LogRemains : SalvageOrigin.Tree, path.Place.Origin));
    }

    private static IEnumerable<string> Current(SalvagedDatabase salvaged)
        => salvaged.Paths.Where(path => path.Place.Origin == SalvageOrigin.Tree).Select(RandomDatabase.Describe);
}
