using NixStore.Engine.Examination;

namespace NixStore.Engine.Tests.Examination;

/// <summary>SQLite's words, as older and newer versions put them.</summary>
public sealed class IntegrityReportTests
{
    private readonly IntegrityReport _report = new();

    [Fact]
    public void A_sound_database_has_nothing_to_report()
    {
        _report.Add("ok");
        Assert.Empty(_report.Indices);
        Assert.Empty(_report.Trees);
        Assert.Empty(_report.Others);
        Assert.Empty(_report.LostPages);
    }

    [Fact]
    public void Lines_about_one_index_are_one()
    {
        _report.Add("row 1 missing from index A");
        _report.Add("row 2 missing from index A");
        _report.Add("wrong # of entries in index B");
        _report.Add("non-unique entry in index B");
        _report.Add("row 7 values differ from index B");

        Assert.Equal(["A: row 1 missing from index A, and 1 more", "B: wrong # of entries in index B, and 2 more"],
            _report.Indices.Select(index => $"{index.Key}: {index.Value}"));
    }

    [Fact]
    public void Pages_that_belong_to_nothing_are_counted()
    {
        _report.Add("*** in database main ***\nPage 18 is never used\nPage 19: never used");
        Assert.Equal(["18", "19"], _report.LostPages);
        Assert.Empty(_report.Others);
    }

    [Fact]
    public void Trees_are_known_by_their_root()
    {
        _report.Add("*** in database main ***\nTree 5 page 7 cell 3: Offset 9 out of range 10..20\nTree 5 page 8: btreeInitPage() returns error code 11");

        var tree = Assert.Single(_report.Trees);
        Assert.Equal((5L, "Tree 5 page 7 cell 3: Offset 9 out of range 10..20, and 1 more"), (tree.Key, $"{tree.Value}"));
    }

    [Fact]
    public void Other_lines_are_told_as_they_are_but_each_kind_once()
    {
        _report.Add("Freelist: size is 3 but should be 4");
        _report.Add("Page 5: btreeInitPage() returns error code 11");
        _report.Add("Page 6: btreeInitPage() returns error code 11");
        _report.Add("NULL value in Realisations.id");

        Assert.Equal(["Freelist: size is 3 but should be 4", "NULL value in Realisations.id", "Page 5: btreeInitPage() returns error code 11, and 1 more"],
            _report.Others.Select(lines => $"{lines}"));
    }

    [Theory]
    [InlineData("NULL value in ValidPaths.hash")]
    [InlineData("TEXT value in ValidPaths.narSize")]
    [InlineData("NUMERIC value in ValidPaths.path")]
    public void What_rows_hold_is_told_row_by_row_elsewhere(string line)
    {
        _report.Add(line);
        Assert.Empty(_report.Others);
    }
}
