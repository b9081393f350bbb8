using NixStore.Engine.Rebuilding;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>Paths that were built: what they refer to, and what made them.</summary>
public sealed class BuiltOutputTests : IDisposable
{
    private readonly RebuildLab _lab = new();

    [Fact]
    public void An_output_refers_to_what_it_mentions_of_what_its_builder_could_see()
    {
        var source = _lab.Source("source", "x");
        var unrelated = _lab.Source("unrelated", "y");
        var deep = _lab.Derive("deep", []);
        var input = _lab.Derive("input", [deep]);
        var derivation = _lab.Derive("package", [input], [source], ["out", "dev"]);
        _lab.Build(deep);
        _lab.Build(input, _lab.Output(deep));
        var dev = _lab.Build(derivation, "dev");
        var output = _lab.Build(derivation, source, _lab.Output(deep), dev, unrelated, _lab.Output(derivation));

        var rebuilt = _lab.Rebuild();

        Assert.Equal(Fulls(source, _lab.Output(deep), dev, output), rebuilt.References(output));
        var row = rebuilt[output];
        Assert.Equal(StoreCertainty.Certain, row.Certainty.References);
        Assert.Equal(StoreCertainty.Assumed, row.Certainty.Hash);
        Assert.Equal(StoreCertainty.Certain, row.Certainty.ContentAddress);
        Assert.Null(row.Row.ContentAddress);
        Assert.Equal(_lab.Full(derivation), row.Row.Deriver);
        Assert.Equal(StoreCertainty.Proved, row.Certainty.Deriver);
        Assert.False(row.Certainty.IsSuspect);
    }

    [Fact]
    public void Inputs_that_were_collected_are_stood_in_for_by_what_they_were_made_of()
    {
        var kept = _lab.Derive("kept", []);
        var collected = _lab.Derive("collected", [kept]);
        var derivation = _lab.Derive("package", [collected]);
        var unrelated = _lab.Source("unrelated", "y");
        _lab.Build(kept);
        var output = _lab.Build(derivation, _lab.Output(kept), unrelated);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(Fulls(_lab.Output(kept)), rebuilt.References(output));
        Assert.Equal(StoreCertainty.Certain, rebuilt[output].Certainty.References);
    }

    [Fact]
    public void Where_an_input_is_not_known_whatever_is_mentioned_counts_and_is_assumed()
    {
        var lost = _lab.Derive("lost", []);
        var derivation = _lab.Derive("package", [lost]);
        var mentioned = _lab.Source("mentioned", "y");
        var output = _lab.Build(derivation, mentioned);
        _lab.Remove(lost);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(Fulls(mentioned), rebuilt.References(output));
        Assert.Equal(StoreCertainty.Assumed, rebuilt[output].Certainty.References);
        Assert.Equal(StoreCertainty.Assumed, rebuilt[output].Certainty.Deriver);
        Assert.Equal(StoreCertainty.Assumed, rebuilt[derivation].Certainty.Outputs);
        Assert.Equal([_lab.Full(lost)], rebuilt[derivation].Certainty.MissingReferences);
    }

    [Fact]
    public void Without_a_derivation_all_that_is_mentioned_is_assumed()
    {
        var other = _lab.Source("other", "x");
        var path = _lab.Put(StorePath.Parse("0123456789abcdfghijklmnpqrsvwxyz-fetched"), $"{_lab.Full(other)} /nix/store/0123456789abcdfghijklmnpqrsvwxyz-fetched");

        var rebuilt = _lab.Rebuild();

        Assert.Equal(Fulls(path, other), rebuilt.References(path));
        var certainty = rebuilt[path].Certainty;
        Assert.Equal((StoreCertainty.Assumed, StoreCertainty.Assumed, StoreCertainty.Unknown), (certainty.References, certainty.ContentAddress, certainty.Deriver));
    }

    [Theory]
    [InlineData("""{"unsafeDiscardReferences":{"out":true}}""", 0)]
    [InlineData("""{"unsafeDiscardReferences":{"out":false}}""", 1)]
    [InlineData("""{"unsafeDiscardReferences":{"dev":true}}""", 1)]
    [InlineData("""{"unsafeDiscardReferences":""", 1)]
    public void An_output_whose_references_are_discarded_has_none(string json, int expected)
    {
        var source = _lab.Source("source", "x");
        var derivation = _lab.Derive("image", [], [source], json: json);
        var output = _lab.Build(derivation, source);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(expected, rebuilt.References(output).Count);
        Assert.Equal(StoreCertainty.Certain, rebuilt[output].Certainty.References);
    }

    [Fact]
    public void A_builder_that_may_add_paths_may_refer_to_them()
    {
        var added = _lab.Source("added", "x");
        var derivation = _lab.Derive("recursive", [], json: """{"requiredSystemFeatures":["recursive-nix"]}""");
        var output = _lab.Build(derivation, added);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(Fulls(added), rebuilt.References(output));
        Assert.Equal(StoreCertainty.Assumed, rebuilt[output].Certainty.References);
    }

    [Fact]
    public void Of_several_derivers_the_oldest_is_taken_and_all_are_told()
    {
        var one = _lab.DeriveFixed("fetched", "contents", ContentAddressMethod.Flat, NixHashAlgorithm.Sha256);

        FileClock.WaitForNext();
        var other = _lab.DeriveFixed("fetched", "contents", ContentAddressMethod.Flat, NixHashAlgorithm.Sha256, builder: "/bin/other");
        _lab.Put(_lab.Output(one), "contents");

        var row = _lab.Rebuild()[_lab.Output(one)];

        Assert.NotEqual(one, other);
        Assert.Equal(_lab.Full(one), row.Row.Deriver);
        Assert.Equal(StoreCertainty.Assumed, row.Certainty.Deriver);
        Assert.Equal([_lab.Full(one), _lab.Full(other)], row.Certainty.Derivers);
    }

    [Fact]
    public void A_reference_that_is_gone_is_told_and_not_invented()
    {
        var input = _lab.Derive("input", []);
        var derivation = _lab.Derive("package", [input]);
        var output = _lab.Build(derivation, _lab.Output(input));

        var row = _lab.Rebuild()[output];

        Assert.Empty(row.Row.References);
        Assert.Equal([_lab.Full(_lab.Output(input))], row.Certainty.MissingReferences);
        Assert.True(row.Certainty.IsSuspect);
    }

    [Fact]
    public void Rows_come_after_those_they_refer_to()
    {
        var first = _lab.Derive("first", []);
        var second = _lab.Derive("second", [first]);
        var third = _lab.Derive("third", [second]);
        _lab.Build(third, _lab.Output(second));
        _lab.Build(second, _lab.Output(first));
        _lab.Build(first);

        var rows = _lab.Rebuild().Rows.Select(row => row.Row).ToList();

        var places = rows.Select((row, i) => (row.Path, i)).ToDictionary();
        Assert.All(rows, row => Assert.All(row.References, reference => Assert.True(places[reference] <= places[row.Path])));
        Assert.Equal(6, rows.Count);
    }

    [Fact]
    public void Only_what_is_not_known_is_read()
    {
        var input = _lab.Derive("input", []);
        var derivation = _lab.Derive("package", [input]);
        _lab.Build(input);
        var output = _lab.Build(derivation, _lab.Output(input));
        var known = new Dictionary<StorePath, IReadOnlyList<StorePath>>
        {
            [input] = [], [derivation] = [input], [_lab.Output(input)] = [],
        };

        var rebuilt = _lab.Rebuild(new RebuildOptions { Known = path => known.GetValueOrDefault(path) });

        Assert.Equal(_lab.Full(output), Assert.Single(rebuilt.Rows).Row.Path);
        Assert.Equal(Fulls(_lab.Output(input)), rebuilt.References(output));
        Assert.Equal(StoreCertainty.Certain, rebuilt[output].Certainty.References);
    }

    public void Dispose() => _lab.Dispose();

    private List<string> Fulls(params StorePath[] paths) => [.. paths.Select(_lab.Full).Order(StringComparer.Ordinal)];
}
