using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Narinfo;
using NixStore.Caches.S3;
using NixStore.Caches.S3.Credentials;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.S3;

/// <summary>What no real server does when it is asked to: throttling, cut connections, keys that expire, listings that jump about.</summary>
public sealed class S3FaultTests
{
    private static readonly byte[] s_narInfo = NarInfoWriter.ToBytes(
        new NarInfo { Info = Samples.Info([1, 2, 3]), Url = "nar/x.nar", Compression = "none" }, StoreDirectory.Default);

    private readonly InstantClock _clock = new();

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(500, "InternalError")]
    [InlineData(400, "RequestTimeout")]
    [InlineData(429, "Throttling")]
    public void ThrottlingIsWaitedOut(int status, string code)
    {
        var count = 0;
        using var server = Serve(_ => ++count < 4 ? Refusal(status, code) : TinyAnswer.Ok(s_narInfo));
        using var cache = Open(server);
        Assert.Equal(Samples.Path, cache.TryGetNarInfo(Samples.Path)!.Path);
        Assert.Equal(3, _clock.Waits.Count(wait => wait < TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void WhoIsThrottledForeverSaysSo()
    {
        using var server = Serve(_ => Refusal(503, "SlowDown"));
        using var cache = Open(server);
        var error = Assert.Throws<NixStoreException>(() => cache.TryGetNarInfo(Samples.Path));
        Assert.Equal(("BinaryCacheHttpError", StoreErrorKind.Connection), (error.ErrorId, error.Kind));
        Assert.Contains("SlowDown", error.Message);
    }

    [Theory]
    [InlineData("AccessDenied", true)]
    [InlineData("", true)]
    [InlineData("SignatureDoesNotMatch", false)]
    [InlineData("InvalidAccessKeyId", false)]
    [InlineData("RequestTimeTooSkewed", false)]
    public void ARefusalOfTheKeysIsNotTakenForAMissingFile(string code, bool isMissing)
    {
        using var server = Serve(_ => code.Length == 0 ? TinyAnswer.Of(403) : Refusal(403, code));
        using var cache = Open(server);
        if (isMissing)
        {
            Assert.Null(cache.TryGetNarInfo(Samples.Path));
            Assert.Null(cache.TryGetSize("nar/x"));
        }
        else
        {
            Assert.Equal("BinaryCacheCredentialsRefused", Assert.Throws<NixStoreException>(() => cache.TryGetNarInfo(Samples.Path)).ErrorId);
            Assert.Equal("BinaryCacheCredentialsRefused", Assert.Throws<NixStoreException>(() => cache.TryGetSize("nar/x")).ErrorId);
        }
    }

    [Fact]
    public void ExpiredKeysAreRenewed()
    {
        using var server = Serve(request => request["authorization"]!.Contains("Credential=KEY2/") ? TinyAnswer.Ok(s_narInfo) : Refusal(400, "ExpiredToken"));
        using var cache = Open(server);
        Assert.Equal(Samples.Path, cache.TryGetNarInfo(Samples.Path)!.Path);
    }

    [Fact]
    public void ABucketInAnotherRegionIsSaid()
    {
        using var server = new TinyServer(_ => Refusal(301, "PermanentRedirect"));
        var error = Assert.Throws<NixStoreException>(() => Open(server));
        Assert.Equal("BucketElsewhere", error.ErrorId);
        Assert.Contains("region=", error.Remedy);
    }

    [Fact]
    public void OnlyTheBucketsOwnServerGetsSignatures()
    {
        using var elsewhere = new TinyServer(_ => TinyAnswer.Ok("nar"));
        using var server = Serve(_ => TinyAnswer.Of(404));
        using var cache = Open(server);
        Samples.ReadAll(cache.OpenFile(elsewhere.Url + "/x.nar"));
        Assert.Null(elsewhere.Requests.Single()["authorization"]);
        Assert.All(server.Requests, request => Assert.NotNull(request["authorization"]));
    }

    [Fact]
    public void APageThatIsCutOffIsAskedForAgain()
    {
        var count = 0;
        using var server = Serve(request => ++count switch
        {
            1 => Page(false, "a", "b") with { ResetAfter = 100 },
            2 => Page(true, "a", "b"),
            3 when request.Path.Contains("start-after=b") => Page(false, "c"),
            _ => TinyAnswer.Of(404),
        });
        using var cache = Open(server);
        Assert.Equal(["a", "b", "c"], cache.List().Select(file => file.Name));
    }

    public static TheoryData<string, string> BadPages => new()
    {
        { "repeats", "<IsTruncated>true</IsTruncated>" + Entry("a") },
        { "unsorted", "<IsTruncated>false</IsTruncated>" + Entry("b") + Entry("a") },
        { "empty and not the last", "<IsTruncated>true</IsTruncated>" },
        { "does not say whether it is the last", Entry("a") },
        { "no size", "<IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>" },
        { "negative size", "<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>-1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>" },
        { "not XML", "<IsTruncated>" },
    };

    [Theory]
    [MemberData(nameof(BadPages))]
    public void AListingThatJumpsAboutIsAnError(string how, string body)
    {
        using var server = Serve(_ => TinyAnswer.Ok($"<ListBucketResult>{body}</ListBucketResult>"));
        using var cache = Open(server);
        var error = Assert.Throws<NixStoreException>(() => cache.List().Take(10).ToList());
        Assert.True(error.ErrorId == "BinaryCacheListingInconsistent", how);
    }

    [Fact]
    public void ADocumentTypeIsRefused()
    {
        using var server = Serve(_ => TinyAnswer.Ok("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"));
        using var cache = Open(server);
        Assert.Equal("BinaryCacheListingInconsistent", Assert.Throws<NixStoreException>(() => cache.List().ToList()).ErrorId);
    }

    private static TinyAnswer Refusal(int status, string code)
        => new(status, System.Text.Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>No.</Message></Error>"), "Content-Type: application/xml");

    private static TinyAnswer Page(bool isTruncated, params string[] keys)
        => TinyAnswer.Ok($"<ListBucketResult><IsTruncated>{(isTruncated ? "true" : "false")}</IsTruncated>{string.Concat(keys.Select(Entry))}</ListBucketResult>");

    private static string Entry(string key) => $"<Contents><Key>{key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>";

    private static TinyServer Serve(Func<TinyRequest, TinyAnswer> others)
        => new(request => request.Path == "/bucket/nix-cache-info" ? TinyAnswer.Ok("StoreDir: /nix/store\n") : others(request));

    private S3BinaryCache Open(TinyServer server)
        => new(BinaryCacheUrl.Parse($"s3://bucket?endpoint={server.Url}"), null, new AwsCredentialChain([new Renewed()]), _clock, default);

    /// <summary>Gives another key each time.</summary>
    private sealed class Renewed : IAwsCredentialSource
    {
        private int _count;

        public ValueTask<AwsCredentials?> Get(CancellationToken cancellation) => ValueTask.FromResult<AwsCredentials?>(new AwsCredentials($"KEY{++_count}", "s"));
    }
}
