using System.Globalization;
using System.Security.Cryptography;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Narinfo;
using NixStore.Caches.Tests.Compression;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.Http;

/// <summary>NAR files over connections that break, stall or lie.</summary>
public sealed class DownloadTests
{
    private static readonly byte[] s_nar = Samples.Nar(Samples.Contents(400_000));
    private static readonly byte[] s_file = CodecTests.Compress(NarCompression.Zstd, s_nar);

    private readonly InstantClock _clock = new();

    [Fact]
    public void AWholeDownloadIsOneRequest()
    {
        using var server = Serve(_ => TinyAnswer.Ok(s_file));
        Assert.Equal(s_nar, Download(server));
        Assert.Equal("identity", Assert.Single(NarRequests(server))["accept-encoding"]);
    }

    [Theory]
    [InlineData("ETag: \"v1\"", "\"v1\"")]
    [InlineData("Accept-Ranges: bytes", null)]
    public void ABrokenDownloadIsResumed(string header, string? ifRange)
    {
        using var server = Serve(request => RangeOf(request) switch
        {
            null => TinyAnswer.Ok(s_file, header) with { ResetAfter = 50_000 },
            var start and < 120_000 => Rest(start.Value) with { ResetAfter = 80_000 },
            var start => Rest(start.Value),
        });
        Assert.Equal(s_nar, Download(server));
        var requests = NarRequests(server);
        Assert.Equal(3, requests.Count);
        Assert.All(requests[1..], request => Assert.Equal(ifRange, request["if-range"]));
        Assert.True(RangeOf(requests[1]) > 0 && RangeOf(requests[2]) > RangeOf(requests[1]));
    }

    [Fact]
    public void AStalledDownloadIsResumed() => Patience.Try(patience =>
    {
        using var server = Serve(request => RangeOf(request) is { } start ? Rest(start) : TinyAnswer.Ok(s_file, "ETag: \"v1\"") with { SilentAfter = 50_000 });
        try
        {
            Assert.Equal(s_nar, Download(server, new BinaryCacheOptions { StalledDownloadTimeout = patience }));
        }
        catch (NixStoreException error) when (error.ErrorId == "BinaryCacheTimeout")
        {
            return false;
        }

        // On a machine that is busy enough, what was resumed may stall as well.
        var requests = NarRequests(server);
        Assert.True(requests.Count > 1);
        return requests[1..].TrueForAll(request => RangeOf(request) > 0);
    });

    [Fact]
    public void ADownloadThatBreaksBeforeTheFirstByteStartsAgain()
    {
        var count = 0;
        using var server = Serve(_ => TinyAnswer.Ok(s_file, "ETag: \"v1\"") with { ResetAfter = ++count == 1 ? 0 : null });
        Assert.Equal(s_nar, Download(server));
        Assert.Null(NarRequests(server)[1]["range"]);
    }

    [Fact]
    public void AServerErrorDuringResumptionIsTriedAgain()
    {
        var count = 0;
        using var server = Serve(request => RangeOf(request) is not { } start ? TinyAnswer.Ok(s_file, "ETag: \"v1\"") with { ResetAfter = 50_000 }
            : ++count == 1 ? TinyAnswer.Of(503) : Rest(start));
        Assert.Equal(s_nar, Download(server));
    }

    [Theory]
    [InlineData("X-Nothing: here")]
    [InlineData("ETag: W/\"weak\"")]
    public void WithoutAWayToResumeABreakIsAnError(string header)
    {
        using var server = Serve(_ => TinyAnswer.Ok(s_file, header) with { ResetAfter = 50_000 });
        AssertFails(server, "BinaryCacheUnreachable", StoreErrorKind.Connection);
        Assert.Single(NarRequests(server));
    }

    [Fact]
    public void ATimeoutWithoutAWayToResumeIsAnError() => Patience.Try(patience =>
    {
        using var server = Serve(_ => TinyAnswer.Ok(s_file) with { SilentAfter = 50_000 });
        var error = Assert.ThrowsAny<NixStoreException>(() => Download(server, new BinaryCacheOptions { StalledDownloadTimeout = patience }));
        Assert.Equal(("BinaryCacheTimeout", StoreErrorKind.Timeout), (error.ErrorId, error.Kind));
        return error.Target == $"{server.Url}/nar/file.nar.zst";
    });

    [Fact]
    public void ADownloadThatBreaksTooOftenIsAnError()
    {
        using var server = Serve(request => RangeOf(request) is { } start
            ? Rest(start) with { ResetAfter = 10 } : TinyAnswer.Ok(s_file, "ETag: \"v1\"") with { ResetAfter = 10 });
        AssertFails(server, "BinaryCacheUnreachable", StoreErrorKind.Connection);
        Assert.Equal(5, NarRequests(server).Count);
    }

    [Theory]
    [InlineData(200)] // the file has changed, so the server sends all of it
    [InlineData(206)] // another part than was asked for
    public void TheRestOfAnotherFileIsRefused(int status)
    {
        using var server = Serve(request => RangeOf(request) is null ? TinyAnswer.Ok(s_file, "ETag: \"v1\"") with { ResetAfter = 50_000 }
            : new TinyAnswer(status, s_file, $"Content-Range: bytes 0-{s_file.Length - 1}/{s_file.Length}"));
        AssertFails(server, "BinaryCacheFileChanged", StoreErrorKind.Connection);
    }

    [Fact]
    public void AFileThatVanishesDuringTheDownloadIsMissing()
    {
        using var server = Serve(request => RangeOf(request) is null ? TinyAnswer.Ok(s_file, "ETag: \"v1\"") with { ResetAfter = 50_000 } : TinyAnswer.Of(404));
        AssertFails(server, "BinaryCacheFileMissing", StoreErrorKind.NotFound);
    }

    [Fact]
    public void WrongContentIsAMismatch()
    {
        using var server = Serve(_ => TinyAnswer.Ok("<html>Please log in</html>"));
        AssertFails(server, "CompressedDataCorrupt", StoreErrorKind.InvalidData);

        var other = (byte[])s_file.Clone();
        other[^1] ^= 1;
        using var second = Serve(_ => TinyAnswer.Ok(CodecTests.Compress(NarCompression.Zstd, s_nar, 1)));
        AssertFails(second, "NarFileHashMismatch", StoreErrorKind.InvalidData);
        using var third = Serve(_ => TinyAnswer.Ok(other));
        AssertFails(third, "CompressedDataCorrupt", StoreErrorKind.InvalidData);
    }

    [Fact]
    public void ADownloadCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        using var server = Serve(_ => TinyAnswer.Ok(s_file) with { SilentAfter = 150_000 });
        using var source = Open(server);
        using var nar = source.OpenNar(source.Find(Samples.Path, stop.Token)!, stop.Token);
        Assert.NotEqual(0, nar.Read(new byte[100]));
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => nar.CopyTo(Stream.Null));
    }

    private static TinyServer Serve(Func<TinyRequest, TinyAnswer> answer)
    {
        var narInfo = new NarInfo
        {
            Info = Samples.Info(s_nar),
            Url = "nar/file.nar.zst",
            Compression = "zstd",
            FileHash = new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(s_file)),
            FileSize = s_file.Length,
        };
        return new TinyServer(request => request.Path switch
        {
            "/nix-cache-info" => TinyAnswer.Ok("StoreDir: /nix/store\n"),
            "/nar/file.nar.zst" => answer(request),
            _ => TinyAnswer.Ok(NarInfoWriter.ToBytes(narInfo, StoreDirectory.Default)),
        });
    }

    private static List<TinyRequest> NarRequests(TinyServer server) => [.. server.Requests.Where(request => request.Path.StartsWith("/nar/"))];

    private static int? RangeOf(TinyRequest request) => request["range"] is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : null;

    private static TinyAnswer Rest(int start)
        => new(206, s_file[start..], "ETag: \"v1\"", $"Content-Range: bytes {start}-{s_file.Length - 1}/{s_file.Length}");

    private BinaryCacheSource Open(TinyServer server, BinaryCacheOptions? options = null)
        => new(new HttpBinaryCache(BinaryCacheUrl.Parse(server.Url), options, _clock, default));

    private byte[] Download(TinyServer server, BinaryCacheOptions? options = null)
    {
        using var source = Open(server, options);
        return Samples.ReadAll(source.OpenNar(source.Find(Samples.Path, default)!, default));
    }

    private void AssertFails(TinyServer server, string errorId, StoreErrorKind kind, BinaryCacheOptions? options = null)
    {
        var error = Assert.ThrowsAny<NixStoreException>(() => Download(server, options));
        Assert.Equal((errorId, kind, $"{server.Url}/nar/file.nar.zst"), (error.ErrorId, error.Kind, error.Target));
    }
}
