using NixStore.Engine.Database;
using NixStore.Engine.Examination;
using NixStore.Engine.Graph;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>Whatever is done to the bytes of a database, its examination comes to an end, and raises nothing.</summary>
public sealed class AnyDamageTests
{
    private const int PageSize = 4096;

    [SkippableFact]
    public void Every_page_that_is_lost_is_missed()
    {
        using var store = LabStore.Signed();
        var sound = File.ReadAllBytes(store.Location.DatabasePath);
        for (var page = 0; page < sound.Length / PageSize; page++)
        {
            var damaged = sound.ToArray();
            damaged.AsSpan(page * PageSize, PageSize).Clear();
            File.WriteAllBytes(store.Location.DatabasePath, damaged);

            Assert.Contains(Examine(store), finding => finding.Severity != StoreFindingSeverity.Information);
        }
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_byte_may_be_another(int seed)
    {
        using var store = LabStore.Signed();
        var sound = File.ReadAllBytes(store.Location.DatabasePath);
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var damaged = sound.ToArray();

            // The more of the first bytes of pages, the more of what holds them together.
            for (var bytes = random.Next(1, 5); bytes > 0; bytes--)
            {
                var offset = random.Next(sound.Length / PageSize) * PageSize + (random.Next(2) == 0 ? random.Next(64) : random.Next(PageSize));
                damaged[offset] = (byte)random.Next(256);
            }

            File.WriteAllBytes(store.Location.DatabasePath, damaged);
            _ = Examine(store);
        }
    }

    [SkippableTheory]
    [InlineData(5)]
    [InlineData(6)]
    public void The_file_may_end_anywhere(int seed)
    {
        using var store = LabStore.Signed();
        var sound = File.ReadAllBytes(store.Location.DatabasePath);
        var random = new Random(seed);
        for (var round = 0; round < 30; round++)
        {
            File.WriteAllBytes(store.Location.DatabasePath, sound.AsSpan(0, random.Next(sound.Length)).ToArray());
            Assert.Contains(Examine(store), finding => finding.Severity == StoreFindingSeverity.Error);
        }
    }

    [Fact]
    public void Rows_that_are_out_of_order_are_damage_to_all_who_read_them()
    {
        using var store = Examined.NewStore("a", "b", "c");
        store.Sql("vacuum");
        PutFirstRowLast(store.Location.DatabasePath);

        Assert.Contains(Examined.Of(store.Location), finding => finding is { Kind: StoreDatabaseFindingKind.PageDamaged, Table: "ValidPaths" });
        using var database = StoreDatabase.OpenForReading(store.Location);
        Assert.Equal("DatabaseMalformed", Assert.Throws<StoreDatabaseException>(() => database.ReadPaths().Count()).ErrorId);
        Assert.Equal("DatabaseMalformed", Assert.Throws<StoreDatabaseException>(() => StoreGraph.Load(database, CancellationToken.None)).ErrorId);
    }

    /// <summary>Gives the first row of ValidPaths, whose root is page 2, the id 127: the byte behind the two of its length.</summary>
    private static void PutFirstRowLast(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var cell = PageSize + (bytes[PageSize + 8] << 8) + bytes[PageSize + 9];
        Assert.Equal((true, (byte)1), (bytes[cell] >= 0x80, bytes[cell + 2]));
        bytes[cell + 2] = 127;
        File.WriteAllBytes(path, bytes);
    }

    private static List<StoreDatabaseFinding> Examine(LabStore store)
    {
        var findings = new List<StoreDatabaseFinding>();
        DatabaseExaminer.Examine(
            store.Location, new DatabaseExaminationOptions { Workers = 2 }, findings.Add, new ExaminationProgress(), CancellationToken.None);
        return findings;
    }
}
