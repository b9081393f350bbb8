using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.S3.Credentials;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.S3;

/// <summary>Buckets of a real server, filled by real Nix and by us.</summary>
[Collection(NixLabCollection.Name)]
public sealed class S3BinaryCacheTests(NixLab lab, S3Server server)
{
    private static readonly string[] s_everything = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"];

    private static readonly byte[] s_nar = Samples.Nar(Samples.Contents(5000));

    [SkippableTheory]
    [InlineData("none", "")]
    [InlineData("xz", "")]
    [InlineData("zstd", "")]
    [InlineData("bzip2", "")]
    [InlineData("gzip", "/with/prefix")]
    [InlineData("br", "")]
    public void WhatNixCopiesIsRead(string compression, string prefix)
    {
        // Debian's Nix signs no requests.
        var bucket = Bucket(s_everything) + prefix;
        var url = server.Url(bucket, $"compression={compression}&write-nar-listing=true&narinfo-compression=br&ls-compression=br");
        RealNix.Command("nix234", lab, ["copy", "--to", url + $"&secret-key={lab.SecretKeyFile}", .. lab.Paths]);

        using var source = new BinaryCacheSource(server.Open(url, new BinaryCacheOptions { StoreDirectory = lab.StoreDirectory }));
        foreach (var path in lab.Paths)
        {
            var narInfo = source.Cache.TryGetNarInfo(lab.StoreDirectory.Parse(path))!;
            Assert.Equal(compression, narInfo.Compression);
            Assert.Equal(narInfo.FileSize, source.Cache.TryGetSize(narInfo.Url));
            Assert.Equal(lab.Dump(path), Samples.ReadAll(source.OpenNar(source.Find(narInfo.Path, default)!, default)));
        }

        var names = source.Cache.List().Select(file => file.Name).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(lab.Paths.Select(path => lab.StoreDirectory.Parse(path).HashPart).Order(StringComparer.Ordinal),
            names.Where(name => name.EndsWith(".ls")).Select(name => name[..^3]));
        Assert.Equal(names.Where(name => name.StartsWith("nar/")), source.Cache.List("nar/").Select(file => file.Name));
    }

    [SkippableTheory]
    [InlineData(NarCompression.Zstd, "")]
    [InlineData(NarCompression.Xz, "/prefix")]
    public void WhatWeAddIsReadByNix(NarCompression compression, string prefix)
    {
        var bucket = Bucket(s_everything) + prefix;
        var url = server.Url(bucket, $"compression={compression.Name()}&write-nar-listing=true&narinfo-compression=br&secret-key={lab.SecretKeyFile}");
        using (var cache = server.Open(url, new BinaryCacheOptions { Create = true, StoreDirectory = lab.StoreDirectory }))
        {
            foreach (var path in lab.Paths)
            {
                cache.Add(lab.Info(path), stream => stream.Write(lab.Dump(path)));
            }
        }

        RealNix.Command("nix234", lab, ["store", "verify", "--store", server.Url(bucket), "--sigs-needed", "1", "--option", "trusted-public-keys", lab.PublicKey, .. lab.Paths]);
    }

    [SkippableFact]
    public void WeAndNixWriteTheSameObjects()
    {
        var (theirs, ours) = (Bucket(s_everything), Bucket(s_everything));
        const string Settings = "compression=none&write-nar-listing=true&index-debug-info=true";
        RealNix.Command("nix234", lab, ["copy", "--to", server.Url(theirs, Settings), .. lab.Paths]);
        using var cache = server.Open(server.Url(ours, Settings), new BinaryCacheOptions { Create = true, StoreDirectory = lab.StoreDirectory });
        foreach (var path in lab.Paths)
        {
            cache.Add(lab.Info(path), stream => stream.Write(lab.Dump(path)));
        }

        using var expected = server.Open(server.Url(theirs));
        var names = expected.List().Select(file => file.Name).ToList();
        Assert.Equal(names, cache.List().Select(file => file.Name));
        foreach (var name in names)
        {
            Assert.Equal(server.Get(theirs, name, out var their), server.Get(ours, name, out var our));
            Assert.Equal(their.Content.Headers.ContentType, our.Content.Headers.ContentType);
        }
    }

    [SkippableFact]
    public void LargeFilesGoInParts()
    {
        var bucket = Bucket();
        var nar = Samples.Nar(Samples.Contents(12 << 20));
        using var cache = server.Open(server.Url(bucket, "compression=none&multipart-upload=true&multipart-threshold=6000000&multipart-chunk-size=5242880"),
            new BinaryCacheOptions { Create = true });
        var narInfo = cache.Add(Samples.Info(nar), new MemoryStream(nar));
        var file = Assert.Single(cache.List("nar/"));
        Assert.EndsWith("-3", file.ETag);
        Assert.Equal(nar, Samples.ReadAll(cache.OpenNar(narInfo)));
    }

    [SkippableFact]
    public void EveryPageIsListedAndAnyListingCanBeContinued()
    {
        var bucket = Bucket();
        var keys = Enumerable.Range(0, 1100).Select(i => $"nar/{i:0000}").Append("nix-cache-info").Append("odd/a+b c%&<>ü").Append("odd/+%41=").Order(StringComparer.Ordinal).ToList();
        Parallel.ForEach(keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, key => server.Put(bucket, key, Encoding.UTF8.GetBytes(key)));
        using var cache = server.Open(server.Url(bucket));
        var all = cache.List().ToList();
        Assert.Equal(keys, all.Select(file => file.Name));
        Assert.All(all, file => Assert.Equal((Encoding.UTF8.GetByteCount(file.Name), "STANDARD"), (file.Size, file.StorageClass)));
        Assert.Equal(keys.Skip(500), cache.List(after: keys[499]).Select(file => file.Name));
        Assert.Equal("odd/+%41=", Encoding.UTF8.GetString(cache.TryReadFile("odd/+%41=", 100)!));
    }

    [SkippableFact]
    public void WithoutCredentialsOnlyWhatEverybodyMayDoIsDone()
    {
        var bucket = Bucket("s3:GetObject");
        server.Put(bucket, "nix-cache-info", "StoreDir: /nix/store\n"u8.ToArray());
        using var cache = server.OpenAnonymously(server.Url(bucket));
        // Who may not list the bucket is answered 403 for what is missing.
        Assert.Null(cache.TryGetNarInfo(Samples.Path));
        Assert.Null(cache.TryGetSize("nar/x"));
        Assert.Equal("BinaryCacheListingDenied", Error(() => cache.List().ToList()).ErrorId);
        var refused = Error(() => cache.Add(Samples.Info(s_nar), new MemoryStream(s_nar)));
        Assert.Equal(("BinaryCacheWriteFailed", StoreErrorKind.PermissionDenied), (refused.ErrorId, refused.Kind));
        Assert.Contains("AccessDenied", refused.Message);
    }

    [SkippableFact]
    public void WhatIsWrongWithTheKeysOrTheBucketIsSaid()
    {
        var bucket = Bucket();
        server.Put(bucket, "nix-cache-info", "StoreDir: /nix/store\n"u8.ToArray());
        Assert.Equal("BinaryCacheCredentialsRefused", Error(() => server.Open(server.Url(bucket), keys: S3Server.Keys with { SecretAccessKey = "wrong" })).ErrorId);
        Assert.Equal("BinaryCacheCredentialsRefused", Error(() => server.Open(server.Url(bucket), keys: new AwsCredentials("UNKNOWN", "SKTEST"))).ErrorId);
        Assert.Equal("BucketNotFound", Error(() => server.Open(server.Url("no-such-bucket"), new BinaryCacheOptions { Create = true })).ErrorId);
        Assert.Equal("NotABinaryCache", Error(() => server.Open(server.Url(Bucket()))).ErrorId);
    }

    [SkippableFact]
    public void WhatIsThereIsKeptAndWhatIsBrokenIsWrittenAgain()
    {
        var bucket = Bucket();
        using var cache = server.Open(server.Url(bucket), new BinaryCacheOptions { Create = true });
        Assert.Equal("ReferenceNotInCache", Error(() => cache.Add(Samples.Info(s_nar, null, Samples.Other), new MemoryStream(s_nar))).ErrorId);
        var narInfo = cache.Add(Samples.Info(s_nar), new MemoryStream(s_nar));
        Assert.Equal(narInfo.Url, cache.Add(Samples.Info(s_nar), _ => throw new InvalidOperationException("It is there.")).Url);
        server.Put(bucket, narInfo.Url, [1, 2, 3]);
        cache.Add(Samples.Info(s_nar), new MemoryStream(s_nar));
        Assert.Equal(s_nar, Samples.ReadAll(cache.OpenNar(narInfo)));
        server.Delete(bucket, narInfo.Url);
        Assert.Equal("NarHashMismatch", Error(() => cache.Add(Samples.Info(s_nar), new MemoryStream([.. s_nar[..^1], 7]))).ErrorId);
        Assert.Empty(cache.List("nar/"));
    }

    [SkippableFact]
    public void TheAddressOpensTheSameBucketAgain()
    {
        var bucket = Bucket();
        server.Put(bucket, "nix-cache-info", "StoreDir: /nix/store\n"u8.ToArray());
        using var cache = server.Open(server.Url(bucket, "secret-key=/nowhere&addressing-style=path"));
        Assert.Equal(($"s3://{bucket}", $"s3://{bucket}?endpoint={server.Endpoint}&addressing-style=path"), (cache.Url, cache.Address));
        using var again = server.Open(cache.Address);
        Assert.Equal(cache.Location.UriOf("x"), again.Location.UriOf("x"));
    }

    private static NixStoreException Error(Action action) => Assert.Throws<NixStoreException>(action);

    private string Bucket(params string[] forEverybody)
    {
        RealNix.Require("nix234");
        server.Require();
        return server.NewBucket(forEverybody);
    }
}
