using System.Buffers.Binary;
using NixStore.Engine.Salvage;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>Whole pages are gone: what was in them is lost and named, all else is as it was.</summary>
public sealed class PageDamageTests
{
    private const int PageSize = 1024;
    private static readonly DatabaseRecipe s_recipe = new(42, 400) { PageSize = PageSize };

    [Fact]
    public void A_lost_leaf_of_ValidPaths_costs_its_rows_but_not_their_paths_and_references()
    {
        using var database = new RandomDatabase(s_recipe);
        var sound = database.Salvage();
        foreach (var page in sound.Paths.Select(path => path.Place.Page).Distinct().Order().Where((_, index) => index % 10 == 0).ToList())
        {
            var bytes = database.Bytes;
            database.Zero(page);

            var salvaged = database.Salvage();

            database.Bytes = bytes;
            Assert.Equal(sound.Paths.Select(path => (path.Id, path.Row.Path)), salvaged.Paths.Select(path => (path.Id, path.Row.Path)));
            Assert.Equal(sound.Paths.Select(path => string.Join(' ', path.Row.References)), salvaged.Paths.Select(path => string.Join(' ', path.Row.References)));
            var lost = salvaged.Paths.Where(path => !path.IsComplete).ToList();
            Assert.Equal(sound.Paths.Where(path => path.Place.Page == page).Select(path => path.Id), lost.Select(path => path.Id));
            Assert.All(lost, path => Assert.Equal(((string?)null, SalvageOrigin.Index, true), (path.Row.Hash, path.Place.Origin, path.IsIndexed)));
            Assert.Equal(
                sound.Paths.Where(path => path.Place.Page != page).Select(RandomDatabase.Describe),
                salvaged.Paths.Where(path => path.IsComplete).Select(RandomDatabase.Describe));
            Assert.Contains(salvaged.Losses, loss => loss.ToString() == $"Page {page} of ValidPaths is all zeros.");
        }
    }

    [Fact]
    public void A_lost_interior_page_costs_nothing()
    {
        using var database = new RandomDatabase(s_recipe);
        var sound = database.Salvage();
        database.Zero(2);

        var salvaged = database.Salvage();

        Assert.Equal(sound.Paths.Select(RandomDatabase.Describe), salvaged.Paths.Select(RandomDatabase.Describe));
        Assert.All(salvaged.Paths, path => Assert.Equal(SalvageOrigin.OrphanedPage, path.Place.Origin));
        Assert.All(salvaged.Paths, path => Assert.True(path.IsIndexed));
        Assert.Contains(salvaged.Losses, loss => loss is { FirstPage: 2, Tree: "ValidPaths" });
    }

    [Fact]
    public void A_lost_table_Refs_costs_nothing()
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        ZeroTree(database, "Refs");

        var salvaged = database.Salvage();

        Assert.Equal(expected, salvaged.Paths.Select(RandomDatabase.Describe));
        Assert.Contains(salvaged.Losses, loss => loss is { Tree: "Refs" });
    }

    [Fact]
    public void A_lost_table_DerivationOutputs_costs_nothing()
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        ZeroTree(database, "DerivationOutputs");

        Assert.Equal(expected, database.Salvage().Paths.Select(RandomDatabase.Describe));
    }

    [Fact]
    public void A_lost_table_ValidPaths_leaves_the_graph()
    {
        using var database = new RandomDatabase(s_recipe);
        var sound = database.Salvage();
        ZeroTree(database, "ValidPaths");

        var salvaged = database.Salvage();

        Assert.All(salvaged.Paths, path => Assert.False(path.IsComplete));
        Assert.Equal(sound.Paths.Select(Graph), salvaged.Paths.Select(Graph));

        static string Graph(SalvagedPath path) => $"{path.Id} {path.Row.Path} {string.Join(' ', path.Row.References)} {string.Join(' ', path.Row.Outputs.Values)}";
    }

    [Fact]
    public void Lost_indices_cost_nothing()
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        foreach (var index in database.Numbers().Keys.Where(name => name.Contains("ndex", StringComparison.Ordinal)).ToList())
        {
            ZeroTree(database, index);
        }

        var salvaged = database.Salvage();

        Assert.Equal(expected, salvaged.Paths.Select(RandomDatabase.Describe));
        Assert.All(salvaged.Paths, path => Assert.Equal((SalvageOrigin.Tree, false), (path.Place.Origin, path.IsIndexed)));
    }

    [Fact]
    public void A_lost_first_page_costs_nothing()
    {
        // Pages as SQLite makes them since 3.12, of which the first has the whole schema: so the roots are where they are expected.
        using var database = new RandomDatabase(s_recipe with { PageSize = 4096 });
        var expected = database.ReadBySqlite();
        database.Zero(1);

        var salvaged = database.Salvage();

        Assert.Equal(4096, salvaged.PageSize);
        Assert.Equal(expected, salvaged.Paths.Select(RandomDatabase.Describe));
        Assert.All(salvaged.Paths, path => Assert.Equal((SalvageOrigin.Tree, true), (path.Place.Origin, path.IsIndexed)));
        Assert.Contains(salvaged.Losses, loss => loss.Reason == "has a damaged header");
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(1024, true)]
    [InlineData(1024, false)]
    public void A_lost_first_page_costs_certainty_where_trees_begin_elsewhere(int pageSize, bool isVacuumed)
    {
        // In a small first page the schema has no room, and its other pages come between the roots.
        using var database = new RandomDatabase(s_recipe with { PageSize = pageSize, IsVacuumed = isVacuumed });
        var sound = database.Salvage();
        Assert.NotEqual(9, database.Numbers()["DerivationOutputs"]);
        database.Zero(1);

        var salvaged = database.Salvage();

        Assert.Equal(sound.Paths.Select(RandomDatabase.DescribeColumns), salvaged.Paths.Select(RandomDatabase.DescribeColumns));
        Assert.Equal(sound.Paths.Select(path => path.Row.References.Count), salvaged.Paths.Select(path => path.Row.References.Count));
        Assert.Equal(sound.Paths.SelectMany(path => path.Row.Outputs.Values).Order(),
            salvaged.Paths.SelectMany(path => path.Row.Outputs.Values.Concat(path.DoubtfulOutputs.Values)).Order());
    }

    [Theory]
    [InlineData(16, 0x20)]
    [InlineData(0, 0x00)]
    [InlineData(21, 0xff)]
    [InlineData(20, 0xff)]
    [InlineData(56, 0x02)]
    [InlineData(31, 0x01)]
    [InlineData(35, 0x09)]
    public void A_wrong_byte_in_the_header_costs_nothing(int offset, byte value)
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        database.Change(bytes => bytes[offset] = value);

        Assert.Equal(expected, database.Salvage().Paths.Select(RandomDatabase.Describe));
    }

    [Theory]
    [InlineData(0.75)]
    [InlineData(0.5)]
    [InlineData(0.3)]
    public void Of_a_file_that_was_cut_the_rest_is_read(double part)
    {
        using var database = new RandomDatabase(s_recipe);
        var sound = database.Salvage();
        var length = (int)(database.Bytes.Length * part);
        database.Bytes = database.Bytes[..length];

        var salvaged = database.Salvage();

        var complete = salvaged.Paths.Where(path => path.IsComplete).ToDictionary(path => path.Id, RandomDatabase.DescribeColumns);
        Assert.All(sound.Paths.Where(path => path.Place.Page * PageSize <= length), path => Assert.Equal(RandomDatabase.DescribeColumns(path), complete[path.Id]));
        Assert.NotEmpty(complete);
        Assert.Contains(salvaged.Losses, loss => loss.Reason == "is behind the end of the file" && loss.LastPage == sound.PageCount);
        var known = sound.Paths.ToDictionary(path => path.Id, RandomDatabase.DescribeColumns);
        Assert.All(complete, row => Assert.Equal(known[row.Key], row.Value));
    }

    [Fact]
    public void A_page_that_points_to_itself_is_read_once()
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        database.Change(bytes => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(PageSize + 8), 2));

        var salvaged = database.Salvage();

        Assert.Equal(expected, salvaged.Paths.Select(RandomDatabase.Describe));
        Assert.Contains(salvaged.Losses, loss => loss.ToString() == "Page 2 of ValidPaths is pointed to twice.");
    }

    [Fact]
    public void A_pointer_into_another_table_brings_no_wrong_rows()
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        var root = database.Numbers()["Refs"];
        database.Change(bytes => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(PageSize + 8), (uint)root));

        Assert.Equal(expected, database.Salvage().Paths.Select(RandomDatabase.Describe));
    }

    [Fact]
    public void An_index_of_other_paths_brings_no_wrong_rows()
    {
        using var database = new RandomDatabase(s_recipe);
        var expected = database.ReadBySqlite();
        database.Sql($"""
            pragma writable_schema = 1;
            update sqlite_master set rootpage = {database.Numbers()["IndexDerivationOutputs"]} where name = 'sqlite_autoindex_ValidPaths_1';
            """);

        Assert.Equal(expected, database.Salvage().Paths.Select(RandomDatabase.Describe));
    }

    [Fact]
    public void A_chain_of_overflow_pages_that_ends_nowhere_costs_its_row()
    {
        using var database = new RandomDatabase(new(42, 200) { PageSize = 512, IsLong = true });
        var sound = database.Salvage();
        var chained = Enumerable.Range(2, (int)sound.PageCount - 1).Last(page => !IsTreePage(database.Bytes[(page - 1) * 512])
            && BinaryPrimitives.ReadUInt32BigEndian(database.Bytes.AsSpan((page - 1) * 512)) is > 0 and < 10_000);
        database.Change(bytes => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((chained - 1) * 512), (uint)chained));

        var salvaged = database.Salvage();

        Assert.Equal(sound.Paths.Select(path => path.Id), salvaged.Paths.Select(path => path.Id));
        Assert.Single(salvaged.Paths, path => !path.IsComplete);
        Assert.Contains(salvaged.Losses, loss => loss.Tree == "ValidPaths");
    }

    private static bool IsTreePage(byte kind) => kind is 2 or 5 or 10 or 13;

    /// <summary>Zeroes all pages of a table or index.</summary>
    private static void ZeroTree(RandomDatabase database, string name)
    {
        foreach (var page in PagesOf(database.Bytes, (uint)database.Numbers()[name]).ToList())
        {
            database.Zero(page);
        }
    }

    private static IEnumerable<uint> PagesOf(byte[] bytes, uint root)
    {
        var page = bytes.AsMemory((int)(root - 1) * PageSize, PageSize);
        IEnumerable<uint> children = [];
        if (page.Span[0] is 2 or 5)
        {
            var cells = BinaryPrimitives.ReadUInt16BigEndian(page.Span[3..]);
            children = Enumerable.Range(0, cells).Select(cell => BinaryPrimitives.ReadUInt16BigEndian(page.Span[(12 + (2 * cell))..])).Append((ushort)8)
                .Select(offset => BinaryPrimitives.ReadUInt32BigEndian(page.Span[offset..]));
        }

        return children.SelectMany(child => PagesOf(bytes, child)).Prepend(root);
    }
}
