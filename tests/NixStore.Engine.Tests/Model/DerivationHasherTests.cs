using System.Security.Cryptography;
using NixStore.Engine.Tests.Support;

namespace NixStore.Engine.Tests.Model;

public sealed class DerivationHasherTests
{
    public static TheoryData<string> Golden => [.. GoldenDerivations.Paths.Select(path => path.BaseName)];

    [Theory]
    [MemberData(nameof(Golden))]
    public void ComputesTheOutputPathsOfNix(string baseName)
    {
        var derivation = GoldenDerivations.Read(StorePath.Parse(baseName));
        var hasher = new DerivationHasher(StoreDirectory.Default, GoldenDerivations.Read);
        Assert.Equal(derivation.Outputs.Select(output => (output.Key, output.Value.Path)), hasher.ComputeOutputPaths(derivation).Select(path => (path.Key, path.Value)));
        Assert.Empty(hasher.FindContradictions(derivation));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void ComputesThePathOfTheDerivationItself(string baseName)
    {
        var path = StorePath.Parse(baseName);
        var contents = new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(GoldenDerivations.Bytes(path)));
        var factory = new StorePathFactory(StoreDirectory.Default);
        var references = GoldenDerivations.Read(path).References;
        Assert.Equal(path, factory.MakeTextPath(contents, path.Name, references));
        Assert.True(factory.Proves(path, new ContentAddress(ContentAddressMethod.Text, contents), references));
    }

    [Fact]
    public void TreatsFixedOutputsAlikeHoweverTheyAreMade()
    {
        var hasher = new DerivationHasher(StoreDirectory.Default, GoldenDerivations.Read);
        var flat = GoldenDerivations.Paths.Where(path => path.Name == "fixed-flat.drv").ToList();
        Assert.Equal(2, flat.Count);
        Assert.Equal(hasher.HashModulo(flat[0]), hasher.HashModulo(flat[1]));
    }

    [Fact]
    public void FindsAWrongPathAndAWrongVariable()
    {
        var good = GoldenDerivations.Read(GoldenDerivations.Named("escapes"));
        var other = StorePath.Parse("00000000000000000000000000000000-escapes");
        var hasher = new DerivationHasher(StoreDirectory.Default, GoldenDerivations.Read);
        var wrongPath = good with { Outputs = new Dictionary<string, DerivationOutput> { ["out"] = new(other, "", "") } };
        Assert.Contains("'out' is '00000000000000000000000000000000-escapes'", Assert.Single(hasher.FindContradictions(wrongPath)));

        var environment = good.Environment.ToDictionary();
        environment[ByteString.FromText("out")] = ByteString.FromText("elsewhere");
        Assert.Contains("variable 'out'", Assert.Single(hasher.FindContradictions(good with { Environment = environment })));
        environment.Remove(ByteString.FromText("out"));

        // Without the variable the hash is another one, and so is the path.
        Assert.Equal(2, hasher.FindContradictions(good with { Environment = environment }).Count);
    }

    [Fact]
    public void DoesNotRunInCircles()
    {
        var a = StorePath.Parse("00000000000000000000000000000000-a.drv");
        var b = StorePath.Parse("00000000000000000000000000000001-b.drv");
        var hasher = new DerivationHasher(StoreDirectory.Default, path => Chain(path.Equals(a) ? b : a));
        var error = Assert.Throws<NixStoreException>(() => hasher.HashModulo(a));
        Assert.Equal("InvalidDerivation", error.ErrorId);
    }

    [Fact]
    public void FollowsChainsOfAnyLength()
    {
        const int length = 50_000;
        var reads = 0;
        var hasher = new DerivationHasher(StoreDirectory.Default, path =>
        {
            reads++;
            var next = int.Parse(path.Name[..^4]) + 1;
            return next > length ? Chain() : Chain(Numbered(next));
        });
        Assert.NotNull(hasher.HashModulo(Numbered(0)));
        Assert.Equal(length + 1, reads);
    }

    [Fact]
    public void PassesOnTheErrorOfAMissingInput()
    {
        var hasher = new DerivationHasher(StoreDirectory.Default, path => throw new NixStoreException("Missing", StoreErrorKind.NotFound, path.BaseName));
        var derivation = GoldenDerivations.Read(GoldenDerivations.Named("top"));
        Assert.Equal("Missing", Assert.Throws<NixStoreException>(() => hasher.ComputeOutputPaths(derivation)).ErrorId);
    }

    [SkippableFact]
    public void AgreesWithRealNixOnTheLabExpression()
    {
        using var nix = RealNix.NewStore();
        var expression = Path.Combine(AppContext.BaseDirectory, "../../../../interop/expr/lab.nix");
        Skip.IfNot(File.Exists(expression), "tests/interop is not there");
        nix.Run("nix-instantiate", expression, "-A", "all");
        var files = Directory.GetFiles(nix.RealPath("/nix/store"), "*.drv");
        Assert.True(files.Length > 20);
        Derivation Read(StorePath path) => DerivationReader.Read(File.ReadAllBytes(nix.RealPath("/nix/store/" + path.BaseName)), path, StoreDirectory.Default);
        var hasher = new DerivationHasher(StoreDirectory.Default, Read);
        foreach (var file in files)
        {
            var path = StorePath.Parse(Path.GetFileName(file));
            Assert.Empty(hasher.FindContradictions(Read(path)));
            Assert.Equal(File.ReadAllBytes(file), DerivationWriter.Write(Read(path), StoreDirectory.Default));
        }
    }

    private static StorePath Numbered(int number) => StorePath.Parse($"00000000000000000000000000000000-{number}.drv");

    private static Derivation Chain(params StorePath[] inputs) => new()
    {
        Name = "x", Outputs = new Dictionary<string, DerivationOutput>(), System = ByteString.FromText("s"), Builder = ByteString.FromText("b"),
        InputDerivations = inputs.ToDictionary(input => input, _ => (IReadOnlyList<string>)["out"]), InputSources = [], Arguments = [],
        Environment = new Dictionary<ByteString, ByteString>(),
    };
}
