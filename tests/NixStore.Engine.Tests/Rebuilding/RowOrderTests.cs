using NixStore.Engine.Rebuilding;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>The order of rows, and what is done about circles.</summary>
public sealed class RowOrderTests
{
    private static readonly StorePath s_a = Numbered(1);
    private static readonly StorePath s_b = Numbered(2);
    private static readonly StorePath s_c = Numbered(3);

    [Fact]
    public void References_come_first_and_else_the_older()
    {
        var rows = Sort(Row(s_a, 1, StoreCertainty.Certain, s_c), Row(s_b, 2, StoreCertainty.Certain), Row(s_c, 3, StoreCertainty.Certain, s_c));

        Assert.Equal([s_c, s_a, s_b], rows.Select(row => row.Path));
    }

    [Fact]
    public void References_to_what_is_not_among_them_do_not_matter()
        => Assert.Single(Sort(Row(s_a, 1, StoreCertainty.Certain, s_b, s_c)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_circle_is_cut_at_what_is_assumed(int assumed)
    {
        var rows = Sort(
            Row(s_a, 1, Certainty(1), s_b), Row(s_b, 2, Certainty(2), s_c), Row(s_c, 3, Certainty(3), s_a));

        Assert.Equal(3, rows.Count);
        Assert.Empty(Assert.Single(rows, row => row.Path.Equals(Numbered(assumed))).References);
        Assert.All(rows.Where(row => !row.Path.Equals(Numbered(assumed))), row => Assert.Single(row.References));
        var places = rows.Select((row, i) => (row.Path, i)).ToDictionary();
        Assert.All(rows, row => Assert.All(row.References, reference => Assert.True(places[reference] < places[row.Path])));

        StoreCertainty Certainty(int row) => row == assumed ? StoreCertainty.Assumed : StoreCertainty.Proved;
    }

    [Fact]
    public void Long_chains_need_no_deep_stack()
    {
        const int length = 100_000;
        var rows = Enumerable.Range(0, length)
            .Select(i => Row(Numbered(i), i, StoreCertainty.Certain, i + 1 < length ? [Numbered(i + 1)] : [])).ToArray();

        Assert.Equal(Numbered(length - 1), Sort(rows)[0].Path);
    }

    private static IReadOnlyList<RowDraft> Sort(params RowDraft[] rows) => RowOrder.Sort(rows, StoreDirectory.Default);

    private static RowDraft Row(StorePath path, long time, StoreCertainty certainty, params StorePath[] references) => new()
    {
        Path = path,
        Hash = new NixHash(NixHashAlgorithm.Sha256, new byte[32]),
        RegistrationTime = DateTimeOffset.FromUnixTimeSeconds(time),
        References = references,
        ReferencesCertainty = certainty,
    };

    private static StorePath Numbered(int number) => StorePath.Parse($"{number:d32}-x");
}
