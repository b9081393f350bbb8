using NixStore.Engine.Rebuilding;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>Paths whose name is made of their contents: all of their rows is proved.</summary>
public sealed class ContentAddressTests : IDisposable
{
    private readonly RebuildLab _lab = new();

    public static TheoryData<ContentAddressMethod, NixHashAlgorithm> Methods => new()
    {
        { ContentAddressMethod.Nar, NixHashAlgorithm.Sha256 },
        { ContentAddressMethod.Nar, NixHashAlgorithm.Sha1 },
        { ContentAddressMethod.Nar, NixHashAlgorithm.Sha512 },
        { ContentAddressMethod.Nar, NixHashAlgorithm.Md5 },
        { ContentAddressMethod.Flat, NixHashAlgorithm.Sha256 },
        { ContentAddressMethod.Flat, NixHashAlgorithm.Sha1 },
        { ContentAddressMethod.Flat, NixHashAlgorithm.Sha512 },
        { ContentAddressMethod.Flat, NixHashAlgorithm.Md5 },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_is_found_by_the_name(ContentAddressMethod method, NixHashAlgorithm algorithm)
    {
        var path = _lab.Fixed("added", "contents", method, algorithm);

        var row = _lab.Rebuild()[path];

        Assert.True(ContentAddress.TryParse(row.Row.ContentAddress, out var address));
        Assert.Equal((method, algorithm), (address.Method, address.Hash.Algorithm));
        AssertProved(row, path);
        Assert.Equal(StoreCertainty.Unknown, row.Certainty.Deriver);
        Assert.Null(row.Row.Deriver);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_derivation_says_the_address_of_its_fixed_output(ContentAddressMethod method, NixHashAlgorithm algorithm)
    {
        var derivation = _lab.DeriveFixed("fetched", "contents", method, algorithm);
        _lab.Put(_lab.Output(derivation), "contents");

        var row = _lab.Rebuild()[_lab.Output(derivation)];

        AssertProved(row, _lab.Output(derivation));
        Assert.Equal(_lab.Full(derivation), row.Row.Deriver);
        Assert.Equal(StoreCertainty.Proved, row.Certainty.Deriver);
    }

    [Fact]
    public void A_source_has_no_references_whatever_it_mentions()
    {
        var other = _lab.Source("other", "x");
        var path = _lab.Source("source", $"see {_lab.Full(other)}");

        var row = _lab.Rebuild()[path];

        Assert.Empty(row.Row.References);
        AssertProved(row, path);
    }

    [Fact]
    public void A_text_has_the_references_that_give_its_name()
    {
        var one = _lab.Source("one", "1");
        var two = _lab.Source("two", "2");
        var mentioned = _lab.Source("mentioned", "3");
        var path = _lab.Text("text", $"{_lab.Full(two)} {_lab.Full(one)}, not {_lab.Full(mentioned)}", one, two);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(new[] { _lab.Full(one), _lab.Full(two) }.Order(StringComparer.Ordinal), rebuilt.References(path));
        Assert.StartsWith("text:sha256:", rebuilt[path].Row.ContentAddress);
        AssertProved(rebuilt[path], path);
        Assert.Equal(StoreCertainty.Certain, rebuilt[path].Certainty.Deriver);
    }

    [Fact]
    public void A_content_addressed_output_may_refer_to_itself_and_others()
    {
        // Named as Nix names it: hashed with zeros where its own hash part will stand.
        var other = _lab.Source("other", "x");
        var self = StorePath.Parse($"{new string('0', 32)}-self");
        string Contents(StorePath path) => $"{_lab.Full(path)} {_lab.Full(other)}";
        _lab.Put(self, Contents(self));
        var zeros = StorePath.Parse($"{new string('0', 32)}-hashed");
        _lab.Put(zeros, Contents(self).Replace(self.HashPart, new string('\0', 32), StringComparison.Ordinal));
        var path = new StorePathFactory(_lab.Location.Directory).MakeSourcePath(_lab.Hash(zeros).Hash, "self", [other], hasSelfReference: true);
        _lab.Remove(self);
        _lab.Remove(zeros);
        _lab.Put(path, Contents(path));

        var rebuilt = _lab.Rebuild();

        Assert.Equal(new[] { _lab.Full(path), _lab.Full(other) }.Order(StringComparer.Ordinal), rebuilt.References(path));
        AssertProved(rebuilt[path], path);
    }

    [Fact]
    public void A_derivation_is_proved_with_its_outputs()
    {
        var source = _lab.Source("source", "x");
        var input = _lab.Derive("input", []);
        var derivation = _lab.Derive("package", [input], [source], ["out", "dev"]);

        var rebuilt = _lab.Rebuild();

        var row = rebuilt[derivation];
        AssertProved(row, derivation);
        Assert.Equal(new[] { _lab.Full(input), _lab.Full(source) }.Order(StringComparer.Ordinal), rebuilt.References(derivation));
        Assert.Equal(["dev", "out"], row.Row.Outputs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(_lab.Full(_lab.Output(derivation, "dev")), row.Row.Outputs["dev"]);
        Assert.Equal(StoreCertainty.Proved, row.Certainty.Outputs);
        Assert.Null(row.Row.Deriver);
    }

    [Fact]
    public void Outputs_that_are_known_only_after_the_build_are_in_no_table()
    {
        var derivation = _lab.DeriveFloating("floating");
        var made = _lab.Source("floating", "made");

        var rebuilt = _lab.Rebuild();

        Assert.Empty(rebuilt[derivation].Row.Outputs);
        AssertProved(rebuilt[made], made);
        Assert.Equal(StoreCertainty.Unknown, rebuilt[made].Certainty.Deriver);
    }

    [Fact]
    public void Nothing_is_invented()
    {
        var path = _lab.Source("source", "x");

        var row = _lab.Rebuild()[path];

        Assert.Null(row.Row.Ultimate);
        Assert.Null(row.Row.Signatures);
        Assert.Equal(StoreCertainty.Unknown, row.Certainty.Signatures);
        Assert.Equal(StoreCertainty.Assumed, row.Certainty.RegistrationTime);
        Assert.InRange(row.Row.RegistrationTime, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    public void Dispose() => _lab.Dispose();

    private void AssertProved(RebuiltRow row, StorePath path)
    {
        var hash = _lab.Hash(path);
        Assert.Equal((hash.Hash.ToDatabaseString(), hash.Size), (row.Row.Hash, row.Row.NarSize));
        Assert.All(new[] { row.Certainty.Hash, row.Certainty.Size, row.Certainty.References, row.Certainty.ContentAddress },
            certainty => Assert.Equal(StoreCertainty.Proved, certainty));
        Assert.False(row.Certainty.IsSuspect);
    }
}
