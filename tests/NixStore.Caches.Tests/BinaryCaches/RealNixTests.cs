using System.Security.Cryptography;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Caches.Tests.Support;
using NixStore.Engine.Signatures;

namespace NixStore.Caches.Tests.BinaryCaches;

/// <summary>Caches written by real Nix and read by us, and the other way round.</summary>
[Collection(NixLabCollection.Name)]
public sealed class RealNixTests(NixLab lab)
{
    public static TheoryData<string, string> WrittenByNix => new()
    {
        { "nix234", "none" }, { "nix234", "xz" }, { "nix234", "zstd" }, { "nix234", "bzip2" }, { "nix234", "gzip" }, { "nix234", "br" },
        { "nix226", "zstd" }, { "nix28", "xz" },
    };

    public static TheoryData<string, NarCompression> ReadByNix => new()
    {
        { "nix234", NarCompression.None }, { "nix234", NarCompression.Xz }, { "nix234", NarCompression.Zstd }, { "nix234", NarCompression.Bzip2 },
        { "nix234", NarCompression.Gzip }, { "nix234", NarCompression.Br }, { "nix226", NarCompression.Zstd }, { "nix28", NarCompression.Br },
    };

    [SkippableTheory]
    [MemberData(nameof(WrittenByNix))]
    public void WhatNixWritesIsReadAndWrittenAlike(string version, string compression)
    {
        RealNix.Require(version);
        var place = lab.Place($"by-{version}-{compression}");
        RealNix.Command(version, lab, ["copy", "--to", $"file://{place}?compression={compression}&secret-key={lab.SecretKeyFile}", .. lab.Paths]);

        using var source = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{place}", new BinaryCacheOptions { StoreDirectory = lab.StoreDirectory }));
        var trusted = TrustedKeys.Parse([lab.PublicKey]);
        foreach (var path in lab.Paths)
        {
            var storePath = lab.StoreDirectory.Parse(path);
            var narInfo = source.Cache.TryGetNarInfo(storePath)!;
            Assert.Equal(compression, narInfo.Compression);
            Assert.Equal(File.ReadAllBytes($"{place}/{storePath.HashPart}.narinfo"), NarInfoWriter.ToBytes(narInfo, lab.StoreDirectory));
            Assert.True(trusted.Verifies(narInfo.Info, lab.StoreDirectory, out var by), path);
            Assert.Equal("lab-1", by.KeyName);

            var nar = Samples.ReadAll(source.OpenNar(source.Find(storePath, default)!, default));
            Assert.Equal(lab.Dump(path), nar);
            Assert.Equal(narInfo.Info.NarHash, new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(nar)));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(ReadByNix))]
    public void WhatWeWriteIsReadAndTrustedByNix(string version, NarCompression compression)
    {
        RealNix.Require(version);
        RealNix.Require("nix234");
        var place = lab.Place($"for-{version}-{compression}");
        using (var cache = BinaryCacheFactory.Open($"file://{place}?compression={compression.Name()}&secret-key={lab.SecretKeyFile}",
            new BinaryCacheOptions { Create = true, StoreDirectory = lab.StoreDirectory }))
        {
            foreach (var path in lab.Paths)
            {
                cache.Add(lab.Info(path), stream => stream.Write(lab.Dump(path)));
            }
        }

        // Every NAR is decompressed and hashed, and every signature is checked; a foreign key must not do.
        string[] verify = ["store", "verify", "--store", $"file://{place}", "--sigs-needed", "1", .. lab.Paths];
        RealNix.Command(version, lab, [.. verify, "--option", "trusted-public-keys", lab.PublicKey]);
        Assert.Throws<InvalidOperationException>(() => RealNix.Command(version, lab, [.. verify, "--option", "trusted-public-keys", NixPublicKey.CacheNixosOrg.ToString()]));

        // And it can be substituted from.
        var target = $"local?root={place}-copy&store={lab.StoreDirectory}";
        RealNix.Command(version, lab, ["copy", "--from", $"file://{place}", "--to", target, "--option", "require-sigs", "true",
            "--option", "trusted-public-keys", lab.PublicKey, .. lab.Paths]);
        RealNix.Command(version, lab, ["store", "verify", "--store", target, "--no-trust", .. lab.Paths]);
    }

    [SkippableFact]
    public void NixAndWeWriteTheSameNarInfo()
    {
        RealNix.Require("nix234");
        var (theirs, ours) = (lab.Place("same-theirs"), lab.Place("same-ours"));
        RealNix.Command("nix234", lab, ["copy", "--to", $"file://{theirs}?compression=none&secret-key={lab.SecretKeyFile}", .. lab.Paths]);
        using var cache = BinaryCacheFactory.Open($"file://{ours}?compression=none&secret-key={lab.SecretKeyFile}",
            new BinaryCacheOptions { Create = true, StoreDirectory = lab.StoreDirectory });
        foreach (var path in lab.Paths)
        {
            cache.Add(lab.Info(path), stream => stream.Write(lab.Dump(path)));
        }

        Assert.Equal(Tree(theirs), Tree(ours));
        foreach (var file in Tree(ours).Where(name => !Directory.Exists(Path.Combine(ours, name))))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(theirs, file)), File.ReadAllBytes(Path.Combine(ours, file)));
        }
    }

    [SkippableFact]
    public void BothReadTheSameOverHttp()
    {
        RealNix.Require("nix234");
        var place = lab.Place("for-http");
        using (var cache = BinaryCacheFactory.Open($"file://{place}?compression=zstd", new BinaryCacheOptions { Create = true, StoreDirectory = lab.StoreDirectory }))
        {
            foreach (var path in lab.Paths)
            {
                cache.Add(lab.Info(path), stream => stream.Write(lab.Dump(path)));
            }
        }

        using var server = new TinyServer(request => File.Exists(place + request.Path) ? TinyAnswer.Ok(File.ReadAllBytes(place + request.Path)) : TinyAnswer.Of(404));
        RealNix.Command("nix234", lab, ["store", "verify", "--store", server.Url, "--no-trust", .. lab.Paths]);
        using var source = new BinaryCacheSource(BinaryCacheFactory.Open(server.Url));
        foreach (var path in lab.Paths)
        {
            Assert.Equal(lab.Dump(path), Samples.ReadAll(source.OpenNar(source.Find(lab.StoreDirectory.Parse(path), default)!, default)));
        }
    }

    [SkippableFact]
    public void KeysOfNixAndOursAreInterchangeable()
    {
        RealNix.Require("nix234");
        using var theirs = NixSecretKey.Load(lab.SecretKeyFile);
        Assert.Equal(lab.PublicKey, theirs.PublicKey.ToString());

        using var ours = NixSecretKey.Generate("ours-1");
        ours.Save(lab.Place("ours.sec"));
        var place = lab.Place("signed-by-nix");
        RealNix.Command("nix234", lab, ["copy", "--to", $"file://{place}?compression=none&secret-key={lab.Place("ours.sec")}", .. lab.Paths]);
        using var cache = BinaryCacheFactory.Open($"file://{place}");
        var signature = Assert.Single(cache.TryGetNarInfo(lab.Info(lab.Paths[^1]).Path)!.Info.Signatures);
        Assert.Equal(ours.Sign(lab.Info(lab.Paths[^1]), lab.StoreDirectory), signature);
    }

    private static List<string> Tree(string directory)
        => [.. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path)).Order(StringComparer.Ordinal)];
}
