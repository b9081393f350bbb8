using System.Net.Sockets;
using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Caches.Tests.Compression;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Http;

/// <summary>Questions for small files: which answers mean what, what is tried again, who is given a password.</summary>
public sealed class HttpBinaryCacheTests
{
    private const string CacheInfo = "StoreDir: /nix/store\nPriority: 40\nWantMassQuery: 1\n";

    private static readonly byte[] s_narInfo = NarInfoWriter.ToBytes(
        new NarInfo { Info = Samples.Info([1, 2, 3]), Url = "nar/x.nar", Compression = "none" }, StoreDirectory.Default);

    private readonly InstantClock _clock = new();

    [Fact]
    public void OpensAndFinds()
    {
        using var server = Serve(_ => TinyAnswer.Ok(s_narInfo));
        using var cache = Open(server);
        Assert.Equal((server.Url, 40, true, false), (cache.Url, cache.Priority, cache.WantMassQuery, cache.CanWrite));
        Assert.Equal(Samples.Path, cache.TryGetNarInfo(Samples.Path)!.Path);
        Assert.Equal("BinaryCacheReadOnly", Assert.Throws<NixStoreException>(() => cache.Add(Samples.Info([1]), Stream.Null)).ErrorId);
        Assert.StartsWith("NixStore/", server.Requests.Last()["user-agent"]);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(410)]
    public void SomeAnswersMeanThatThereIsNone(int status)
    {
        using var server = Serve(_ => TinyAnswer.Of(status));
        using var cache = Open(server);
        Assert.Null(cache.TryGetNarInfo(Samples.Path));
        Assert.Equal("BinaryCacheFileMissing", Assert.Throws<NixStoreException>(() => cache.OpenFile("nar/x")).ErrorId);
        Assert.Empty(_clock.Waits);
    }

    [Fact]
    public void AServerWithoutCacheInfoIsNoCache()
    {
        using var server = new TinyServer(_ => TinyAnswer.Of(404));
        Assert.Equal("NotABinaryCache", Assert.Throws<NixStoreException>(() => Open(server)).ErrorId);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public void TransientAnswersAreTriedAgain(int status)
    {
        var count = 0;
        using var server = Serve(_ => ++count <= 2 ? TinyAnswer.Of(status) : TinyAnswer.Ok(s_narInfo));
        using var cache = Open(server);
        Assert.NotNull(cache.TryGetNarInfo(Samples.Path));
        Assert.Equal(3, count);
        Assert.Equal(2, _clock.Waits.Count);
    }

    [Theory]
    [InlineData(500, 5, "BinaryCacheHttpError", StoreErrorKind.Connection)]
    [InlineData(501, 1, "BinaryCacheHttpError", StoreErrorKind.ReadError)]
    [InlineData(400, 1, "BinaryCacheHttpError", StoreErrorKind.ReadError)]
    [InlineData(401, 1, "BinaryCacheAuthenticationRequired", StoreErrorKind.PermissionDenied)]
    public void OthersAreErrorsAfterSoManyAttempts(int status, int attempts, string errorId, StoreErrorKind kind)
    {
        using var server = Serve(_ => TinyAnswer.Of(status));
        using var cache = Open(server);
        foreach (var ask in new Action[] { () => cache.TryGetNarInfo(Samples.Path), () => cache.OpenFile($"{Samples.Path.HashPart}.narinfo") })
        {
            var before = server.Requests.Count;
            var error = Assert.Throws<NixStoreException>(ask);
            Assert.Equal((errorId, kind), (error.ErrorId, error.Kind));
            Assert.Equal($"{server.Url}/{Samples.Path.HashPart}.narinfo", error.Target);
            Assert.Contains($"{status}", error.Message);
            Assert.Equal(attempts, server.Requests.Count - before);
        }
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("86400", 60)]
    [InlineData("Wed, 21 Oct 2015 07:28:30 GMT", 30)]
    [InlineData("Wed, 21 Oct 2015 07:00:00 GMT", 0)]
    public void RetryAfterIsHonouredUpToALimit(string wish, int seconds)
    {
        var count = 0;
        using var server = Serve(_ => ++count == 1
            ? TinyAnswer.Of(429, $"Retry-After: {wish}", "Date: Wed, 21 Oct 2015 07:28:00 GMT") : TinyAnswer.Ok(s_narInfo));
        using var cache = Open(server);
        Assert.NotNull(cache.TryGetNarInfo(Samples.Path));
        Assert.Equal(seconds == 0 ? [] : [TimeSpan.FromSeconds(seconds)], _clock.Waits.Where(wait => wait > TimeSpan.Zero));
        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(10)]
    public void ABrokenConnectionIsTriedAgain(int after)
    {
        var count = 0;
        using var server = Serve(_ => TinyAnswer.Ok(s_narInfo) with { ResetAfter = ++count == 1 ? after : null });
        using var cache = Open(server);
        Assert.NotNull(cache.TryGetNarInfo(Samples.Path));
        Assert.Equal(2, count);
    }

    [Fact]
    public void AnUnreachableServerIsNamed()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        var url = $"http://127.0.0.1:{((System.Net.IPEndPoint)socket.LocalEndPoint!).Port}";
        var error = Assert.Throws<NixStoreException>(() => Open(url));
        Assert.Equal(("BinaryCacheUnreachable", StoreErrorKind.Connection), (error.ErrorId, error.Kind));
        Assert.StartsWith(url, error.Target);
        Assert.Equal(4, _clock.Waits.Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void ASilentServerIsLeft(int after) => Patience.Try(patience =>
    {
        using var server = Serve(_ => TinyAnswer.Ok(s_narInfo) with { SilentAfter = after });
        var error = Assert.Throws<NixStoreException>(() =>
        {
            using var cache = Open(server, new BinaryCacheOptions { StalledDownloadTimeout = patience, MaximumAttempts = 2 });
            cache.TryGetNarInfo(Samples.Path);
        });
        Assert.Equal(("BinaryCacheTimeout", StoreErrorKind.Timeout), (error.ErrorId, error.Kind));
        Assert.InRange(server.CountOf($"/{Samples.Path.HashPart}.narinfo"), 0, 2);
        return server.CountOf($"/{Samples.Path.HashPart}.narinfo") == 2;
    });

    [Fact]
    public void WaitingCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        using var server = Serve(_ =>
        {
            stop.Cancel();
            return TinyAnswer.Ok(s_narInfo) with { SilentAfter = -1 };
        });
        using var cache = Open(server);
        Assert.ThrowsAny<OperationCanceledException>(() => cache.TryGetNarInfo(Samples.Path, stop.Token));
        Assert.Equal(1, server.CountOf($"/{Samples.Path.HashPart}.narinfo"));
    }

    [Theory]
    [InlineData("br", NarCompression.Br)]
    [InlineData("gzip", NarCompression.Gzip)]
    [InlineData("x-gzip", NarCompression.Gzip)]
    [InlineData("zstd", NarCompression.Zstd)]
    [InlineData("xz", NarCompression.Xz)]
    [InlineData("identity", NarCompression.None)]
    public void ContentEncodingsAreUndone(string encoding, NarCompression compression)
    {
        using var server = Serve(_ => TinyAnswer.Ok(CodecTests.Compress(compression, s_narInfo), $"Content-Encoding: {encoding}"));
        using var cache = Open(server);
        Assert.NotNull(cache.TryGetNarInfo(Samples.Path));
        Assert.Equal(s_narInfo, Samples.ReadAll(cache.OpenFile("x")));
    }

    [Fact]
    public void UnknownContentEncodingsAndBombsAreRefused()
    {
        using var server = Serve(request => request.Path == "/big" ? TinyAnswer.Ok(new byte[200])
            : request.Path == "/bomb" ? TinyAnswer.Ok(CodecTests.Compress(NarCompression.Gzip, new byte[100_000]), "Content-Encoding: gzip")
            : TinyAnswer.Ok(s_narInfo, "Content-Encoding: compress"));
        using var cache = Open(server);
        Assert.Equal("CompressionNotSupported", Assert.Throws<NixStoreException>(() => cache.TryGetNarInfo(Samples.Path)).ErrorId);
        Assert.Equal("CompressionNotSupported", Assert.Throws<NixStoreException>(() => cache.OpenFile("x")).ErrorId);
        foreach (var name in new[] { "big", "bomb" })
        {
            Assert.Equal("BinaryCacheFileTooLarge", Assert.Throws<NixStoreException>(() => cache.TryReadFile(name, 150)).ErrorId);
        }
    }

    [Fact]
    public void WrongContentIsACorruptNarInfo()
    {
        using var server = Serve(_ => TinyAnswer.Ok("<html>Please log in</html>"));
        using var cache = Open(server);
        var error = Assert.Throws<NarInfoCorruptException>(() => cache.TryGetNarInfo(Samples.Path));
        Assert.Equal($"{server.Url}/{Samples.Path.HashPart}.narinfo", error.Target);
    }

    [Fact]
    public void PasswordsGoToTheirServerOnly()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory / "netrc", "machine 127.0.0.1 login net password rc\n");
        using var other = new TinyServer(_ => TinyAnswer.Ok("x"));
        using var server = Serve(request => request.Path == "/moved" ? TinyAnswer.Of(302, $"Location: {other.Url}/moved") : TinyAnswer.Ok("x"));

        using (var cache = Open(server, new BinaryCacheOptions { NetrcFile = directory / "netrc" }))
        {
            cache.TryReadFile("x", 100);
            Assert.Equal(Basic("net:rc"), server.Requests.Last()["authorization"]);
            cache.TryReadFile("moved", 100);
            Assert.Null(other.Requests.Last()["authorization"]);
        }

        // The address's own password comes first, is not shown, and does not go elsewhere.
        using (var cache = Open(server.Url.Replace("//", "//me:p%40ss@")))
        {
            Assert.Equal(server.Url, cache.Url);
            cache.TryReadFile("x", 100);
            Assert.Equal(Basic("me:p@ss"), server.Requests.Last()["authorization"]);
            Samples.ReadAll(cache.OpenFile($"{other.Url}/nar/x"));
            Assert.Null(other.Requests.Last()["authorization"]);
            var error = Assert.Throws<NixStoreException>(() => cache.TryReadFile("x", 0));
            Assert.DoesNotContain("p%40ss", error.ToString());
        }

        static string Basic(string pair) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));
    }

    [Fact]
    public void AnAddressWithAPathKeepsIt()
    {
        using var server = new TinyServer(_ => TinyAnswer.Ok(CacheInfo));
        using var cache = Open(server.Url + "/a/b/?priority=3");
        Assert.Equal(3, cache.Priority);
        cache.TryReadFile("nar/x?hash=y%20z", 1000);
        Assert.Equal(["/a/b/nix-cache-info", "/a/b/nar/x?hash=y%20z"], server.Requests.Select(request => request.Path));
        foreach (var name in new[] { "../x", "nar/%2e%2e/%2e%2e/x", "//evil.example/x" })
        {
            Assert.Equal("InvalidBinaryCacheFile", Assert.Throws<NixStoreException>(() => cache.TryReadFile(name, 10)).ErrorId);
        }
    }

    private static TinyServer Serve(Func<TinyRequest, TinyAnswer> answer)
        => new(request => request.Path == "/nix-cache-info" ? TinyAnswer.Ok(CacheInfo) : answer(request));

    private HttpBinaryCache Open(TinyServer server, BinaryCacheOptions? options = null) => Open(server.Url, options);

    private HttpBinaryCache Open(string url, BinaryCacheOptions? options = null) => new(BinaryCacheUrl.Parse(url), options, _clock, default);
}
