using System.Text;

namespace NixStore.Engine.Tests.Model;

public sealed class DerivationTests
{
    private const string Out = "/nix/store/pmxgqx744k3iapd2k89y1aknv75bfy21-escapes";

    public static TheoryData<string> Golden => [.. GoldenDerivations.Paths.Select(path => path.BaseName)];

    [Theory]
    [MemberData(nameof(Golden))]
    public void WritesWhatItRead(string baseName)
    {
        var path = StorePath.Parse(baseName);
        Assert.Equal(GoldenDerivations.Bytes(path), DerivationWriter.Write(GoldenDerivations.Read(path), StoreDirectory.Default));
    }

    [Fact]
    public void ReadsEverythingOfADerivation()
    {
        var derivation = GoldenDerivations.Read(GoldenDerivations.Named("several-outputs"));
        Assert.Equal("several-outputs", derivation.Name);
        Assert.Equal(["dev", "doc", "out"], derivation.Outputs.Keys);
        Assert.All(derivation.Outputs.Values, output => Assert.Equal(DerivationOutputKind.InputAddressed, output.Kind));
        Assert.Equal("text.conf", Assert.Single(derivation.InputSources).Name);
        Assert.Empty(derivation.InputDerivations);
        Assert.Equal("x86_64-linux", derivation.System.ToString());
        Assert.Equal("/bin/sh", derivation.Builder.ToString());
        Assert.Equal("out dev doc", derivation.Environment[ByteString.FromText("outputs")].ToString());
        Assert.Equal(derivation.InputSources, derivation.References);
    }

    [Fact]
    public void ListsInputDerivationsAndSourcesAsReferences()
    {
        var derivation = GoldenDerivations.Read(GoldenDerivations.Named("top"));
        Assert.Equal(10, derivation.References.Count);
        Assert.Equal(derivation.References.Order(), derivation.References);
        Assert.Equal(["dev", "doc", "out"], derivation.InputDerivations[GoldenDerivations.Named("several-outputs")]);
    }

    [Fact]
    public void ResolvesEscapesAndKeepsBytes()
    {
        var derivation = GoldenDerivations.Read(GoldenDerivations.Named("escapes"));
        Assert.Equal("line\nreturn\rtab\tquote\"back\\slash", derivation.Arguments[1].ToString());
        Assert.True(derivation.Arguments[2].IsEmpty);
        Assert.Equal("ümlaut 日本", derivation.Arguments[3].ToString());
        Assert.Equal("\\n is not \n", derivation.Environment[ByteString.FromText("a\"b")].ToString());
        var latin = derivation.Environment[ByteString.FromText("latin")];
        Assert.False(latin.IsUtf8);
        Assert.Equal("caf\xe9\xff", Encoding.Latin1.GetString(latin.Span));
        Assert.Equal("caf\\xe9\\xff", latin.ToString());
    }

    [Theory]
    [InlineData("fixed-flat", ContentAddressMethod.Flat, NixHashAlgorithm.Sha256)]
    [InlineData("fixed-md5", ContentAddressMethod.Flat, NixHashAlgorithm.Md5)]
    [InlineData("fixed-sha1", ContentAddressMethod.Flat, NixHashAlgorithm.Sha1)]
    [InlineData("fixed-recursive", ContentAddressMethod.Nar, NixHashAlgorithm.Sha256)]
    [InlineData("fixed-recursive-sha512", ContentAddressMethod.Nar, NixHashAlgorithm.Sha512)]
    public void KnowsFixedOutputs(string name, ContentAddressMethod method, NixHashAlgorithm algorithm)
    {
        var address = GoldenDerivations.Read(GoldenDerivations.Named(name)).FixedOutput!.ContentAddress!;
        Assert.Equal(method, address.Method);
        Assert.Equal(algorithm, address.Hash.Algorithm);
    }

    [Theory]
    [InlineData("r:sha256", "", DerivationOutputKind.Floating)]
    [InlineData("r:sha256", "impure", DerivationOutputKind.Impure)]
    [InlineData("", "", DerivationOutputKind.Deferred)]
    public void ReadsOutputsWithoutAPath(string algorithm, string hash, DerivationOutputKind kind)
    {
        var text = $"Derive([(\"out\",\"\",\"{algorithm}\",\"{hash}\")],[],[],\"s\",\"b\",[],[])";
        var derivation = Parse(text);
        Assert.Equal(kind, derivation.Outputs["out"].Kind);
        Assert.Null(derivation.FixedOutput);
        Assert.Equal(text, Encoding.UTF8.GetString(DerivationWriter.Write(derivation, StoreDirectory.Default)));
    }

    [Fact]
    public void SortsLikeNixWhatIsNotSorted()
    {
        var derivation = Parse("Derive([],[],[],\"s\",\"b\",[],[(\"z\",\"1\"),(\"a\",\"2\"),(\"z\",\"3\")])");
        Assert.Equal("Derive([],[],[],\"s\",\"b\",[],[(\"a\",\"2\"),(\"z\",\"3\")])", Encoding.UTF8.GetString(DerivationWriter.Write(derivation, StoreDirectory.Default)));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Derive", 0)]
    [InlineData("Derive([(\"out\"", 14)]
    [InlineData("Derive([],[],[],\"s\",\"b\",[],[]", 29)]
    [InlineData("Derive([],[],[],\"s\",\"b\",[],[])x", 30)]
    [InlineData("Derive([],[],[],\"s\",\"b", 21)]
    [InlineData("Derive([],[],[],\"s\",\"b\\", 21)]
    [InlineData("Derive([],[],[\"/nix/store/nothing\"],\"s\",\"b\",[],[])", 14)]
    [InlineData("Derive([],[],[\"/tmp/x\"],\"s\",\"b\",[],[])", 14)]
    [InlineData("Derive([(\"a/b\",\"\",\"\",\"\")],[],[],\"s\",\"b\",[],[])", 14)]
    [InlineData("Derive([(\"out\",\"\",\"\",\"00\")],[],[],\"s\",\"b\",[],[])", 15)]
    [InlineData("Derive([(\"out\",\"\",\"sha256\",\"00\")],[],[],\"s\",\"b\",[],[])", 15)]
    [InlineData("Derive([(\"out\",\"" + Out + "\",\"sha256\",\"\")],[],[],\"s\",\"b\",[],[])", 15)]
    [InlineData("Derive([(\"out\",\"" + Out + "\",\"sha256\",\"zz\")],[],[],\"s\",\"b\",[],[])", 15)]
    [InlineData("Derive([(\"out\",\"\",\"\",\"\"),(\"out\",\"\",\"\",\"\")],[],[],\"s\",\"b\",[],[])", 41)]
    [InlineData("Derive([(\"o\u00fct\",\"\",\"\",\"\")],[],[],\"s\",\"b\",[],[])", 9)]
    public void RefusesWhatIsNoDerivation(string text, int offset)
    {
        var error = Assert.Throws<DerivationFormatException>(() => Parse(text));
        Assert.Equal("InvalidDerivation", error.ErrorId);
        Assert.Equal(StoreErrorKind.InvalidData, error.Kind);
        Assert.Equal(offset, error.Offset);
        Assert.Contains("test", error.Message);
    }

    [Fact]
    public void SaysThatDynamicDerivationsAreNotSupported()
    {
        var error = Assert.Throws<DerivationFormatException>(() => Parse("DrvWithVersion(\"xp-dyn-drv\",[],[],[],\"s\",\"b\",[],[])"));
        Assert.Equal("UnsupportedDerivation", error.ErrorId);
        Assert.Equal(StoreErrorKind.NotSupported, error.Kind);
    }

    [Fact]
    public void DamageIsAlwaysATypedError()
    {
        var random = new Random(1);
        foreach (var path in GoldenDerivations.Paths)
        {
            var good = GoldenDerivations.Bytes(path);
            for (var round = 0; round < 500; round++)
            {
                var bad = (byte[])good.Clone();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                {
                    bad[random.Next(bad.Length)] = (byte)random.Next(256);
                }

                try
                {
                    DerivationReader.Read(bad.AsSpan(0, random.Next(2) == 0 ? bad.Length : random.Next(bad.Length)), path, StoreDirectory.Default);
                }
                catch (DerivationFormatException)
                {
                }
            }
        }
    }

    private static Derivation Parse(string text) => DerivationReader.Read(Encoding.UTF8.GetBytes(text), "test", StoreDirectory.Default);
}
