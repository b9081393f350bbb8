using System.Security.Cryptography;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Support;

namespace NixStore.Engine.Tests.Archive;

public sealed class NarHasherTests : IDisposable
{
    private readonly WorkDirectory _work = new();

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData(NixHashAlgorithm.Md5)]
    [InlineData(NixHashAlgorithm.Sha1)]
    [InlineData(NixHashAlgorithm.Sha256)]
    [InlineData(NixHashAlgorithm.Sha512)]
    public void HashesFilesAndStreams(NixHashAlgorithm algorithm)
    {
        var contents = RandomNumberGenerator.GetBytes((NarSink.BufferSize * 2) + 1);
        _work.File("f", contents);
        var expected = algorithm switch
        {
            NixHashAlgorithm.Md5 => MD5.HashData(contents),
            NixHashAlgorithm.Sha1 => SHA1.HashData(contents),
            NixHashAlgorithm.Sha256 => SHA256.HashData(contents),
            _ => SHA512.HashData(contents),
        };
        using var hasher = new NarHasher(algorithm);
        using var file = Posix.OpenAt(_work.Descriptor, "f\0"u8, OpenFlags.ReadOnly);
        var hash = new NarHash(new NixHash(algorithm, expected), contents.Length);
        Assert.Equal(hash, hasher.HashFile(file));
        Assert.Equal(hash, hasher.HashFile(file));
        Assert.Equal(hash, hasher.HashStream(new TricklingStream(contents, 100_000)));
    }

    [Theory]
    [InlineData("az5wy1q49fjwsclhh87fxji3h3jilr4f", "fixed:r:sha256:1ghsqnx6vfcdrn9xwl49z317apyf49wdn0l18s2cqm8i83rzczch", true)]
    [InlineData("315kjgap12d3azbkp37xcb18jl2q6ns5", "fixed:r:sha256:0r28s890ynjm6vfrb4h5a7kmnhim8drzqp5m3xxpxkmzf73ipxx8", false)]
    public void ProvesSelfReferencesOfOldAndNewNix(string hashPart, string address, bool withPositions)
    {
        // Made by `nix store make-content-addressed`: the first by Nix 2.8.0, the second by 2.26.3 and 2.34.8.
        var path = StorePath.FromParts(hashPart, "self");
        var full = StoreDirectory.Default.Print(path);
        _work.File("self", $"see {full}/bin and {full}, twice {hashPart}{hashPart}\n");
        using var hasher = new NarHasher();
        var hash = hasher.HashTreeModulo(_work.Descriptor, "self\0"u8, hashPart);
        var expected = ContentAddress.Parse(address);
        Assert.Equal(expected.Hash, withPositions ? hash.WithPositions : hash.WithoutPositions);
        Assert.NotEqual(hash.WithPositions, hash.WithoutPositions);
        Assert.True(new StorePathFactory(StoreDirectory.Default).Proves(path, expected, [path]));
    }

    [SkippableFact]
    public void AgreesWithRealNixOnSelfReferences()
    {
        using var nix = RealNix.NewStore();
        _work.Folder("tree");
        _work.File("tree/plain", "x");
        var added = nix.Run("nix-store", "--add", $"{_work.Path}/tree");

        // A path that refers to itself, registered as Nix would after a build; then made content-addressed.
        var path = StorePath.Parse("0123456789abcdfghijklmnpqrsvwxyz-self");
        var full = StoreDirectory.Default.Print(path);
        System.IO.Directory.CreateDirectory(nix.RealPath(full) + "/sub");
        System.IO.File.WriteAllText(nix.RealPath(full) + "/sub/refs", $"{full} {full}/x {added} {path.HashPart}{path.HashPart}");
        System.IO.File.WriteAllText(nix.RealPath(full) + "/a", new string('y', NarSink.BufferSize - 300) + full);
        nix.RunRaw("nix-store", System.Text.Encoding.ASCII.GetBytes($"{full}\n\n2\n{full}\n{added}\n"), "--register-validity", "--reregister");
        var rewrites = System.Text.Json.JsonDocument.Parse(nix.RunRaw("nix", [], "store", "make-content-addressed", full, "--json"));
        var rewritten = rewrites.RootElement.GetProperty("rewrites").GetProperty(full).GetString()!;

        var self = StoreDirectory.Default.Parse(rewritten);
        using var store = Posix.Open(nix.RealPath("/nix/store"), OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        var modulo = hasher.HashTreeModulo(store, ByteName.From(self.BaseName), self.HashPart);
        var address = new ContentAddress(ContentAddressMethod.Nar, modulo.WithoutPositions);
        Assert.Contains(address.ToString(), nix.Run("nix", "path-info", "--json", "--json-format", "1", rewritten));
        Assert.Equal(hasher.HashTree(store, ByteName.From(self.BaseName)).Size, modulo.Size);

        using var scanner = new ReferenceScanner([self, StoreDirectory.Default.Parse(added), path]);
        new NarDumper().Dump(store, ByteName.From(self.BaseName), scanner);
        scanner.Flush();
        Assert.Equal(new[] { self, StoreDirectory.Default.Parse(added) }.Order(), scanner.Found);
        Assert.True(new StorePathFactory(StoreDirectory.Default).Proves(self, address, [.. scanner.Found]));
    }
}
