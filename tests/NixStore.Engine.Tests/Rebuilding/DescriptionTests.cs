using NixStore.Engine.Rebuilding;
using NixStore.Engine.Signatures;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>What a description from elsewhere adds to a row.</summary>
public sealed class DescriptionTests : IDisposable
{
    private readonly RebuildLab _lab = new();
    private readonly NixSecretKey _key = NixSecretKey.Generate("test-1");

    [Fact]
    public void Signatures_come_from_a_description_that_agrees()
    {
        var (path, described) = Describe();

        var row = Rebuild(path, described, TrustedKeys.None);

        Assert.Equal(described.Signatures.Single().ToString(), row.Row.Signatures);
        Assert.Equal(StoreCertainty.Certain, row.Certainty.Signatures);
        Assert.Equal((StoreCertainty.Certain, StoreCertainty.Certain), (row.Certainty.Hash, row.Certainty.References));
        Assert.Equal(_lab.Full(described.Deriver!), row.Row.Deriver);
        Assert.Null(row.Row.Ultimate);
    }

    [Fact]
    public void A_trusted_signature_is_proof()
    {
        var (path, described) = Describe();

        var row = Rebuild(path, described, new TrustedKeys([_key.PublicKey]));

        Assert.All(new[] { row.Certainty.Hash, row.Certainty.Size, row.Certainty.References, row.Certainty.Signatures },
            certainty => Assert.Equal(StoreCertainty.Proved, certainty));
    }

    [Fact]
    public void A_trusted_signature_says_what_damaged_contents_should_be()
    {
        var (path, described) = Describe();
        _lab.Damage(path, "damaged");

        var row = Rebuild(path, described, new TrustedKeys([_key.PublicKey]));

        Assert.Equal((described.NarHash.ToDatabaseString(), described.NarSize), (row.Row.Hash, row.Row.NarSize));
        Assert.Equal(described.References.Select(_lab.Full), row.Row.References);
        Assert.Equal(StoreProblemKind.HashMismatch, Assert.Single(row.Certainty.Problems).Kind);
    }

    [Fact]
    public void Anybody_else_is_only_quoted()
    {
        var (path, described) = Describe();
        _lab.Damage(path, "damaged");

        var row = Rebuild(path, described, TrustedKeys.None);

        Assert.Equal(_lab.Hash(path).Hash.ToDatabaseString(), row.Row.Hash);
        Assert.Null(row.Row.Signatures);
        Assert.Null(row.Row.Deriver);
        Assert.Equal(StoreProblemKind.HashMismatch, Assert.Single(row.Certainty.Problems).Kind);
    }

    [Fact]
    public void What_the_name_proves_no_description_changes()
    {
        var path = _lab.Source("source", "x");
        var described = Sign(new ValidPathInfo { Path = path, NarHash = _lab.Hash(_lab.Source("other", "y")).Hash, NarSize = 120 });

        var row = Rebuild(path, described, new TrustedKeys([_key.PublicKey]));

        Assert.Equal(_lab.Hash(path).Hash.ToDatabaseString(), row.Row.Hash);
        Assert.Empty(row.Certainty.Problems);
    }

    public void Dispose()
    {
        _key.Dispose();
        _lab.Dispose();
    }

    private (StorePath Path, ValidPathInfo Described) Describe()
    {
        var other = _lab.Source("other", "x");
        var path = _lab.Put(StorePath.Parse("0123456789abcdfghijklmnpqrsvwxyz-fetched"), _lab.Full(other));
        var hash = _lab.Hash(path);
        return (path, Sign(new ValidPathInfo
        {
            Path = path, NarHash = hash.Hash, NarSize = hash.Size, References = [other],
            Deriver = StorePath.Parse("zyxwvsrqpnmlkjihgfdcba9876543210-fetched.drv"),
        }));
    }

    private ValidPathInfo Sign(ValidPathInfo info) => info with { Signatures = [_key.Sign(info, _lab.Location.Directory)] };

    private RebuiltRow Rebuild(StorePath path, ValidPathInfo described, TrustedKeys keys)
        => _lab.Rebuild(new RebuildOptions { Describe = asked => asked.Equals(path) ? described : null, TrustedKeys = keys })[path];
}
