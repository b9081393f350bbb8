namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>What is in a store directory and is no path, or no whole one.</summary>
public sealed class WrongEntriesTests : IDisposable
{
    private readonly RebuildLab _lab = new();

    [Fact]
    public void Leftovers_and_foreign_names_get_no_row()
    {
        var path = _lab.Source("source", "x");
        _lab.Shell($"""
            : > {path}.lock
            mkdir -p .links {path}.chroot/root tmp-1-2/x
            echo d > {path}.check
            echo saved > {path}.old-17-4711
            ln -s x .tmp-link-1-2
            : > 'junk file.tmp'
            : > $'\351-latin1'
            """);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(_lab.Full(path), Assert.Single(rebuilt.Rows).Row.Path);
        Assert.Equal(8, rebuilt.Omitted.Count);
        Assert.Equal(2, rebuilt.Omitted.Count(entry => entry.Reason == StoreOmissionReason.Foreign));
        Assert.Equal(6, rebuilt.Omitted.Count(entry => entry.Reason == StoreOmissionReason.Leftover));
        Assert.DoesNotContain(rebuilt.Omitted, entry => entry.IsLoss);
    }

    [Fact]
    public void A_source_may_be_named_like_a_leftover()
    {
        var path = _lab.Source("Cargo.lock", "[[package]]");
        var empty = _lab.Text("flake.lock", "");

        var rebuilt = _lab.Rebuild();

        Assert.True(rebuilt.Has(path));
        Assert.True(rebuilt.Has(empty));
        Assert.Empty(rebuilt.Omitted);
    }

    [Fact]
    public void An_output_may_be_named_like_a_leftover()
    {
        var derivation = _lab.Derive("poetry.lock", []);
        _lab.Build(derivation);

        Assert.True(_lab.Rebuild().Has(_lab.Output(derivation)));
    }

    [Fact]
    public void What_a_build_left_that_did_not_finish_gets_no_row()
    {
        var derivation = _lab.Derive("package", []);
        var output = _lab.Build(derivation);
        _lab.Shell($"chmod 644 {output}; touch {output}");

        var rebuilt = _lab.Rebuild();

        Assert.False(rebuilt.Has(output));
        Assert.Equal(StoreOmissionReason.NeverRegistered, rebuilt.Reason(output));
    }

    [Theory]
    [InlineData("chmod 644")]
    [InlineData("touch")]
    public void Altered_metadata_alone_lose_no_path(string command)
    {
        var derivation = _lab.Derive("package", []);
        var output = _lab.Build(derivation);
        _lab.Shell($"{command} {output}");

        Assert.True(_lab.Rebuild().Has(output));
    }

    [Fact]
    public void What_others_refer_to_was_registered()
    {
        var input = _lab.Derive("input", []);
        var derivation = _lab.Derive("package", [input]);
        _lab.Build(input);
        var output = _lab.Build(derivation, _lab.Output(input));
        _lab.Shell($"chmod 644 {_lab.Output(input)}; touch {_lab.Output(input)}");

        var rebuilt = _lab.Rebuild();

        Assert.True(rebuilt.Has(_lab.Output(input)));
        Assert.Single(rebuilt.References(output));
    }

    [Fact]
    public void What_no_archive_can_hold_is_told()
    {
        var derivation = _lab.Derive("package", []);
        var output = _lab.Output(derivation);
        _lab.Shell($"mkdir {output}; mkfifo {output}/pipe");

        var rebuilt = _lab.Rebuild();

        Assert.Equal(StoreOmissionReason.Unreadable, rebuilt.Reason(output));
        Assert.True(rebuilt.Omitted.Single().IsLoss);
    }

    [Fact]
    public void A_fixed_output_with_other_contents_keeps_the_hash_that_it_must_have()
    {
        var derivation = _lab.DeriveFixed("fetched", "contents", ContentAddressMethod.Nar, NixHashAlgorithm.Sha256);
        var output = _lab.Put(_lab.Output(derivation), "contents");
        var right = _lab.Hash(output).Hash;
        _lab.Damage(output, "");

        var row = _lab.Rebuild()[output];

        Assert.Equal(right.ToDatabaseString(), row.Row.Hash);
        Assert.Equal((StoreCertainty.Proved, StoreCertainty.Unknown), (row.Certainty.Hash, row.Certainty.Size));
        Assert.Null(row.Row.NarSize);
        Assert.Equal($"fixed:r:{right}", row.Row.ContentAddress);
        Assert.Equal(StoreProblemKind.HashMismatch, Assert.Single(row.Certainty.Problems).Kind);
    }

    [Fact]
    public void Where_not_even_that_is_known_there_is_no_row()
    {
        var derivation = _lab.DeriveFixed("fetched", "contents", ContentAddressMethod.Flat, NixHashAlgorithm.Sha256);
        var output = _lab.Put(_lab.Output(derivation), "other contents");

        Assert.Equal(StoreOmissionReason.Damaged, _lab.Rebuild().Reason(output));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Derive([")]
    [InlineData("other")]
    public void A_damaged_derivation_is_not_believed(string contents)
    {
        var derivation = _lab.Derive("package", []);
        var output = _lab.Build(derivation);
        var text = File.ReadAllText(_lab.Real(derivation));
        _lab.Damage(derivation, contents == "other" ? text.Replace("/bin/sh", "/bin/sx", StringComparison.Ordinal) : contents);

        var rebuilt = _lab.Rebuild();

        Assert.Equal(StoreOmissionReason.Damaged, rebuilt.Reason(derivation));
        Assert.Null(rebuilt[output].Row.Deriver);
        Assert.Equal(StoreCertainty.Unknown, rebuilt[output].Certainty.Deriver);
    }

    [Fact]
    public void A_derivation_that_claims_the_outputs_of_another_is_not_believed()
    {
        var victim = _lab.Derive("victim", []);
        var output = _lab.Build(victim);
        var liar = _lab.Put(_lab.Read(victim) with { Name = "liar", Builder = ByteString.FromText("/evil") });

        var rebuilt = _lab.Rebuild();

        Assert.Equal(StoreOmissionReason.InvalidDerivation, rebuilt.Reason(liar));
        Assert.Equal([_lab.Full(victim)], rebuilt[output].Certainty.Derivers);
    }

    [Fact]
    public void A_source_that_does_not_give_its_name_is_suspect()
    {
        var source = _lab.Source("source", "x");
        var derivation = _lab.Derive("package", [], [source]);
        _lab.Damage(source, "y");

        var rebuilt = _lab.Rebuild();

        Assert.Contains(rebuilt[source].Certainty.Problems, problem => problem.Kind == StoreProblemKind.HashMismatch);
        Assert.Single(rebuilt.References(derivation));
    }

    [Fact]
    public void A_path_whose_every_file_is_empty_is_suspect()
    {
        var derivation = _lab.Derive("package", []);
        var output = _lab.Put(_lab.Output(derivation), "");

        var row = _lab.Rebuild()[output];

        Assert.Equal(StoreProblemKind.ZeroLength, Assert.Single(row.Certainty.Problems).Kind);
    }

    [Fact]
    public void Mentions_in_a_circle_are_cut()
    {
        var one = StorePath.Parse("0123456789abcdfghijklmnpqrsvwxyz-one");
        var two = StorePath.Parse("zyxwvsrqpnmlkjihgfdcba9876543210-two");
        _lab.Put(one, _lab.Full(two));
        _lab.Put(two, _lab.Full(one));

        var rebuilt = _lab.Rebuild();

        Assert.Equal(1, rebuilt.References(one).Count + rebuilt.References(two).Count);
        Assert.Single(rebuilt.Rows, row => row.Certainty.Problems.Any(problem => problem.Kind == StoreProblemKind.RowReference));
    }

    public void Dispose() => _lab.Dispose();
}
