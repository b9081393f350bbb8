using NixStore.Engine.Salvage;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>
/// Hundreds of databases (thousands in the soak) with random damage, the same each time: no error ever, no row that was never there on a page whose bytes are intact,
/// and no row lost that is on one.
/// </summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData(4096)]
    [InlineData(1024)]
    public void Wrong_bytes_cost_the_rows_of_their_pages_at_most(int pageSize) => DamageRows(pageSize, 400);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData(4096)]
    [InlineData(1024)]
    public void Wrong_bytes_in_many_places_cost_the_rows_of_their_pages_at_most(int pageSize) => DamageRows(pageSize, 5000);

    [Fact]
    public void Wrong_bytes_in_long_rows_and_in_the_log_are_no_error() => DamageLongRows(200);

    [Fact]
    [Trait("Category", "Soak")]
    public void Wrong_bytes_in_many_places_of_long_rows_and_of_the_log_are_no_error() => DamageLongRows(3000);

    private static void DamageRows(int pageSize, int rounds)
    {
        using var database = new RandomDatabase(new(pageSize, 150) { PageSize = pageSize, Deleted = 20 });
        var original = database.Bytes;
        var sound = database.Salvage();
        var known = sound.Paths.Concat(sound.Others).Where(path => path.IsComplete).Select(RandomDatabase.DescribeColumns).ToHashSet();
        var random = new Random(pageSize);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = original.ToArray();
            var damaged = Damage(bytes, random, pageSize);
            database.Bytes = bytes;

            var salvaged = database.Salvage();

            var found = salvaged.Paths.Concat(salvaged.Others).Where(path => path.IsComplete).ToList();
            Assert.All(found.Where(path => !damaged.Contains(path.Place.Page)), path => Assert.True(
                known.Contains(RandomDatabase.DescribeColumns(path)), $"round {round}, damaged {string.Join(' ', damaged)}: {RandomDatabase.DescribeColumns(path)} of page {path.Place}"));
            var columns = found.Select(RandomDatabase.DescribeColumns).ToHashSet();
            Assert.All(sound.Paths.Where(path => path.Place.Origin == SalvageOrigin.Tree && !damaged.Contains(path.Place.Page)), path => Assert.True(
                columns.Contains(RandomDatabase.DescribeColumns(path)), $"round {round}, damaged {string.Join(' ', damaged)}: lost {path.Id} of page {path.Place}"));
        }
    }

    private static void DamageLongRows(int rounds)
    {
        using var database = new RandomDatabase(new(77, 60) { PageSize = 512, IsLong = true, Deleted = 10, InLog = 10, IsInterrupted = true });
        var (original, originalLog) = (database.Bytes, database.Log);
        var sound = database.Salvage();
        var known = sound.Paths.Concat(sound.Others).Select(RandomDatabase.DescribeColumns).ToHashSet();
        var random = new Random(77);
        for (var round = 0; round < rounds; round++)
        {
            var (bytes, log) = (original.ToArray(), originalLog.ToArray());
            Damage(bytes, random, 512);
            if (round % 2 == 0)
            {
                Damage(log, random, 512 + 24);
            }

            (database.Bytes, database.Log) = (bytes, log);

            var salvaged = database.Salvage();

            // Checksums of the log vouch for all of these; of what is in the file only, a wrong byte may become part.
            Assert.All(salvaged.Paths.Where(path => path.Place is { Origin: SalvageOrigin.Tree, IsInLog: true }),
                path => Assert.Contains(RandomDatabase.DescribeColumns(path), known));
        }
    }

    /// <summary>Damages a few bytes, or a whole sector, and says which pages these are in.</summary>
    private static HashSet<uint> Damage(byte[] bytes, Random random, int pageSize)
    {
        var damaged = new HashSet<uint>();
        for (var n = random.Next(1, 9); n > 0; n--)
        {
            var offset = random.Next(bytes.Length);
            switch (random.Next(8))
            {
                case 0:
                    offset &= ~0x1ff;
                    bytes.AsSpan(offset, Math.Min(512, bytes.Length - offset)).Clear();
                    break;
                case 1:
                    // The header of a page hurts most.
                    offset = offset / pageSize * pageSize + random.Next(12);
                    bytes[Math.Min(offset, bytes.Length - 1)] = (byte)random.Next(256);
                    break;
                default:
                    bytes[offset] ^= (byte)(1 << random.Next(8));
                    break;
            }

            damaged.Add((uint)(offset / pageSize) + 1);
        }

        return damaged;
    }
}
