using System.Security.Cryptography;
using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;

namespace NixStore.Engine.Tests.Model;

public sealed class StorePathFactoryTests
{
    private static readonly StorePathFactory s_factory = new(StoreDirectory.Default);
    private static readonly StorePath s_reference = StorePath.Parse("0c6bpdbn5q8sr5dzkkk4mxgd4lm7l1hi-text.conf");

    [Fact]
    public void FoldsDigests()
    {
        Span<byte> folded = stackalloc byte[3];
        StorePathFactory.CompressHash([1, 2, 4, 8, 16, 32, 64], folded);
        Assert.Equal([1 ^ 8 ^ 64, 2 ^ 16, 4 ^ 32], folded.ToArray());
    }

    [Fact]
    public void NamesOutputs()
    {
        Assert.Equal("a", StorePathFactory.OutputPathName("a", "out"));
        Assert.Equal("a-dev", StorePathFactory.OutputPathName("a", "dev"));
    }

    [Fact]
    public void DependsOnTheStoreDirectory()
    {
        var hash = Sha256("x");
        var elsewhere = new StorePathFactory(new StoreDirectory("/opt/store"));
        Assert.NotEqual(s_factory.MakeTextPath(hash, "x", []), elsewhere.MakeTextPath(hash, "x", []));
    }

    [Fact]
    public void TakesReferencesInAnyOrder()
    {
        var other = StorePath.Parse("z1111111111111111111111111111111-x");
        var hash = Sha256("x");
        Assert.Equal(s_factory.MakeSourcePath(hash, "x", [s_reference, other], true), s_factory.MakeSourcePath(hash, "x", [other, s_reference, other], true));
        Assert.NotEqual(s_factory.MakeSourcePath(hash, "x", [other], true), s_factory.MakeSourcePath(hash, "x", [other], false));
    }

    [Theory]
    [InlineData("fixed:sha256:", true, false)]
    [InlineData("fixed:r:sha1:", true, false)]
    [InlineData("fixed:git:sha1:", true, false)]
    [InlineData("text:sha256:", false, true)]
    [InlineData("fixed:sha256:", false, true)]
    public void RefusesReferencesWhereNoneCanBe(string prefix, bool references, bool self)
    {
        var address = ContentAddress.Parse(prefix + new string('0', prefix.Contains("sha1") ? 40 : 64));
        var error = Assert.Throws<NixStoreException>(() => s_factory.FromContentAddress(address, "x", references ? [s_reference] : [], self));
        Assert.Equal("ReferencesNotAllowed", error.ErrorId);

        var path = s_factory.FromContentAddress(address, "x", [], false);
        Assert.True(s_factory.Proves(path, address, []));
        Assert.False(s_factory.Proves(path, address, self ? [path] : [s_reference]));
    }

    [Fact]
    public void ProvesOnlyTheRightPath()
    {
        var address = new ContentAddress(ContentAddressMethod.Nar, Sha256("x"));
        var path = s_factory.FromContentAddress(address, "x", [s_reference], hasSelfReference: true);
        Assert.True(s_factory.Proves(path, address, [path, s_reference]));
        Assert.False(s_factory.Proves(path, address, [s_reference]));
        Assert.False(s_factory.Proves(path, address, [path]));
        Assert.False(s_factory.Proves(path, address with { Hash = Sha256("y") }, [path, s_reference]));
        Assert.False(s_factory.Proves(StorePath.FromParts(path.HashPart, "y"), address, [path, s_reference]));
    }

    [Fact]
    public void RefusesBadNames()
        => Assert.Equal("InvalidStorePath", Assert.Throws<NixStoreException>(() => s_factory.MakeTextPath(Sha256("x"), "a b", [])).ErrorId);

    [SkippableFact]
    public void AgreesWithRealNix()
    {
        using var nix = RealNix.NewStore();
        using var work = new WorkDirectory();
        work.Folder("tree");
        work.File("tree/run", "#!/bin/sh\n", 0b111_101_101);
        work.Link("tree/link", "run");
        work.File("plain", "contents");
        using var hasher = new NarHasher();
        var tree = hasher.HashTree(work.Descriptor, ByteName.From("tree")).Hash;
        var plain = hasher.HashTree(work.Descriptor, ByteName.From("plain")).Hash;
        Assert.Equal(nix.Run("nix-store", "--add", work.Path + "/tree"), Print(new(ContentAddressMethod.Nar, tree), "tree"));
        Assert.Equal(nix.Run("nix-store", "--add", work.Path + "/plain"), Print(new(ContentAddressMethod.Nar, plain), "plain"));
        foreach (var algorithm in new[] { NixHashAlgorithm.Md5, NixHashAlgorithm.Sha1, NixHashAlgorithm.Sha256, NixHashAlgorithm.Sha512 })
        {
            var name = NixHash.NameOf(algorithm);
            using var other = new NarHasher(algorithm);
            using var file = Posix.Open(work.Path + "/plain", OpenFlags.ReadOnly);
            Assert.Equal(nix.Run("nix-store", "--add-fixed", name, work.Path + "/plain"), Print(new(ContentAddressMethod.Flat, other.HashFile(file).Hash), "plain"));
            var recursive = new ContentAddress(ContentAddressMethod.Nar, other.HashTree(work.Descriptor, ByteName.From("tree")).Hash);
            Assert.Equal(nix.Run("nix-store", "--add-fixed", "--recursive", name, work.Path + "/tree"), Print(recursive, "tree"));
        }

        var quoting = nix.Run("nix-instantiate", "--eval", "--expr", "builtins.toFile \"q\" \"see ${builtins.toFile \"text.conf\" \"plain\"}\"").Trim('"');
        var text = s_factory.MakeTextPath(Sha256("plain"), "text.conf", []);
        Assert.Equal(quoting, StoreDirectory.Default.Print(s_factory.MakeTextPath(Sha256("see " + StoreDirectory.Default.Print(text)), "q", [text])));
    }

    private static string Print(ContentAddress address, string name) => StoreDirectory.Default.Print(s_factory.FromContentAddress(address, name, [], false));

    private static NixHash Sha256(string text) => new(NixHashAlgorithm.Sha256, SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
