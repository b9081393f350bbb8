using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;
using NixStore.Caches.Tests.Support;

namespace NixStore.Catalog.Tests.Fetching;

/// <summary>Reading in bulk from a server that behaves as servers do.</summary>
public sealed class BulkReaderTests
{
    private const string Text = "some text\n";

    private static readonly BulkOptions s_hasty = new()
    {
        ThrottleLimit = 4,
        MaximumAttempts = 4,
        RetryDelay = TimeSpan.FromMilliseconds(5),
        MaximumRetryDelay = TimeSpan.FromMilliseconds(20),
    };

    [Fact]
    public void All_files_are_read_each_once()
    {
        using var server = Serve(_ => TinyAnswer.Ok(Text));
        var answers = Read(server, 500, s_hasty);
        Assert.Equal(500, answers.Count);
        Assert.All(answers.Values, answer => Assert.Equal(Text, Encoding.UTF8.GetString(answer.Bytes.Span)));
        Assert.Equal(501, server.Requests.Count);
    }

    [Theory]
    [InlineData(503, "")]
    [InlineData(503, "<Error><Code>SlowDown</Code></Error>")]
    [InlineData(429, "")]
    [InlineData(500, "")]
    [InlineData(408, "")]
    public void What_passes_is_tried_again(int status, string body)
    {
        var asked = new ConcurrentDictionary<string, int>();
        using var server = Serve(path => asked.AddOrUpdate(path, 1, (_, count) => count + 1) <= 2
            ? new TinyAnswer(status, Encoding.ASCII.GetBytes(body), "Content-Type: application/xml") : TinyAnswer.Ok(Text));
        Assert.All(Read(server, 20, s_hasty).Values, answer => Assert.Equal(BulkOutcome.Read, answer.Outcome));
        Assert.All(asked.Values, count => Assert.Equal(3, count));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(4)]
    public void A_connection_that_is_cut_is_tried_again(int after)
    {
        var asked = new ConcurrentDictionary<string, int>();
        using var server = Serve(path => TinyAnswer.Ok(Text) with { ResetAfter = asked.AddOrUpdate(path, 1, (_, count) => count + 1) == 1 ? after : null });
        Assert.All(Read(server, 10, s_hasty).Values, answer => Assert.Equal(Text, Encoding.UTF8.GetString(answer.Bytes.Span)));
    }

    [Fact]
    public void A_server_that_falls_silent_is_left_and_asked_again()
    {
        var asked = new ConcurrentDictionary<string, int>();
        using var server = Serve(path => TinyAnswer.Ok(Text) with { SilentAfter = asked.AddOrUpdate(path, 1, (_, count) => count + 1) == 1 ? 3 : null });

        // An answer may take that long on a busy machine, too.
        Assert.All(Read(server, 4, s_hasty with { MaximumAttempts = 100 }, TimeSpan.FromSeconds(1)).Values, answer => Assert.Equal(Text, Encoding.UTF8.GetString(answer.Bytes.Span)));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public void What_is_not_there_is_missing_and_is_not_tried_again(int status)
    {
        using var server = Serve(_ => TinyAnswer.Of(status));
        var answers = Read(server, 10, s_hasty);
        Assert.All(answers.Values, answer => Assert.Equal(BulkOutcome.Missing, answer.Outcome));
        Assert.Equal(11, server.Requests.Count);
    }

    [Fact]
    public void Refused_without_a_reason_means_that_nothing_is_known_of_it()
    {
        using var server = Serve(path => path == "/file-3" ? TinyAnswer.Of(403) : TinyAnswer.Ok(Text));
        var answers = Read(server, 10, s_hasty);
        Assert.Equal((BulkOutcome.Unavailable, "BinaryCacheFileRefused"), (answers[3].Outcome, answers[3].Error!.ErrorId));
        Assert.Equal(9, answers.Values.Count(answer => answer.Outcome == BulkOutcome.Read));
        Assert.Equal(11, server.Requests.Count);
    }

    [Fact]
    public void Refused_because_of_the_credentials_ends_it()
    {
        using var server = Serve(_ => new TinyAnswer(403, "<Error><Code>InvalidAccessKeyId</Code></Error>"u8.ToArray(), "Content-Type: application/xml"));
        Assert.Equal("BinaryCacheCredentialsRefused", Assert.Throws<NixStoreException>(() => Read(server, 1000, s_hasty)).ErrorId);
        Assert.InRange(server.Requests.Count, 2, 20);
    }

    [Fact]
    public void A_file_that_cannot_be_had_does_not_keep_the_others_back()
    {
        using var server = Serve(path => path == "/file-3" ? TinyAnswer.Of(500) : TinyAnswer.Ok(Text));
        var answers = Read(server, 10, s_hasty);
        Assert.Equal(BulkOutcome.Unavailable, answers[3].Outcome);
        Assert.Equal("BinaryCacheHttpError", answers[3].Error!.ErrorId);
        Assert.Equal(9, answers.Values.Count(answer => answer.Outcome == BulkOutcome.Read));
        Assert.Equal(s_hasty.MaximumAttempts, server.CountOf("/file-3"));
    }

    [Fact]
    public void A_server_that_gives_nothing_any_more_is_left()
    {
        var count = 0;
        using var server = Serve(_ => Interlocked.Increment(ref count) <= 50 ? TinyAnswer.Ok(Text) : TinyAnswer.Of(502));
        var error = Assert.Throws<NixStoreException>(() => Read(server, 100_000, s_hasty with { MaximumFailures = 20 }));
        Assert.Equal((StoreErrorKind.Connection, "BinaryCacheHttpError"), (error.Kind, error.ErrorId));
        Assert.InRange(count, 51, 1000);
    }

    [Fact]
    public void A_file_shorter_than_listed_is_not_taken_for_whole_unless_it_is_newer()
    {
        var listed = new DateTimeOffset(2026, 1, 6, 1, 13, 0, TimeSpan.Zero);
        var asked = 0;
        using var server = Serve(path => path switch
        {
            "/file-0" => TinyAnswer.Ok(Text, $"Last-Modified: {listed:R}"),
            "/file-1" => TinyAnswer.Ok("other", $"Last-Modified: {listed:R}"),
            "/file-2" => TinyAnswer.Ok("newer", $"Last-Modified: {listed.AddSeconds(1):R}"),
            "/file-3" => TinyAnswer.Ok(Interlocked.Increment(ref asked) == 1 ? "cut" : Text, $"Last-Modified: {listed:R}"),
            _ => TinyAnswer.Ok("undated"),
        });
        var answers = Read(server, 5, s_hasty, request: index => new BulkRequest($"file-{index}", Text.Length, listed));
        Assert.Equal([BulkOutcome.Read, BulkOutcome.Unreadable, BulkOutcome.Read, BulkOutcome.Read, BulkOutcome.Read], answers.OrderBy(item => item.Key).Select(item => item.Value.Outcome));
        Assert.Equal(s_hasty.MaximumAttempts, server.CountOf("/file-1"));
        Assert.Equal(Text, Encoding.UTF8.GetString(answers[3].Bytes.Span));
    }

    [Fact]
    public void A_file_that_is_too_large_is_unreadable()
    {
        using var server = Serve(_ => TinyAnswer.Ok(new byte[100_000]));
        var answer = Assert.Single(Read(server, 1, s_hasty with { MaximumSize = 99_999 }).Values);
        Assert.Equal((BulkOutcome.Unreadable, "BinaryCacheFileTooLarge"), (answer.Outcome, answer.Error?.ErrorId));
        Assert.Single(Read(server, 1, s_hasty with { MaximumSize = 100_000 }).Values, found => found.Outcome == BulkOutcome.Read);
    }

    [Fact]
    public void Never_more_than_allowed_are_under_way_and_fewer_when_it_is_too_much()
    {
        var (inside, most, refused) = (0, 0, 0);
        using var server = Serve(_ =>
        {
            // The first wave is too much.
            if (Interlocked.Increment(ref refused) <= 8)
            {
                return TinyAnswer.Of(503);
            }

            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Thread.Sleep(2);
            Interlocked.Decrement(ref inside);
            return TinyAnswer.Ok(Text);
        });
        using var cache = Open(server);
        var reader = new BulkReader(cache, s_hasty with { ThrottleLimit = 8, MaximumAttempts = 10 });
        var limits = new ConcurrentBag<int>();
        reader.Read(60, index => new BulkRequest($"file-{index}"), (_, _) => limits.Add(reader.CurrentLimit));
        Assert.InRange(most, 1, 8);
        Assert.InRange(limits.Min(), 1, 5);
        Assert.True(limits.Max() > limits.Min());
        Assert.Equal(8, reader.RetryCount);
    }

    [Fact]
    public void A_rate_is_kept()
    {
        using var server = Serve(_ => TinyAnswer.Ok(Text));
        var watch = Stopwatch.StartNew();
        Read(server, 100, s_hasty with { MaximumRate = 200 });

        // The last of them has its turn half a second after the first, less what may be caught up.
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(0.4), $"{watch.Elapsed}");
    }

    [Fact]
    public void Cancelled_it_stops_at_once()
    {
        using var stop = new CancellationTokenSource();
        var (asked, watch) = (0, new Stopwatch());
        using var server = Serve(_ =>
        {
            // As many as may be under way are.
            if (Interlocked.Increment(ref asked) == s_hasty.ThrottleLimit)
            {
                watch.Start();
                stop.Cancel();
            }

            return TinyAnswer.Ok(Text) with { SilentAfter = 0 };
        });
        using var cache = Open(server, TimeSpan.FromMinutes(10));
        Assert.ThrowsAny<OperationCanceledException>(() => new BulkReader(cache, s_hasty).Read(100, index => new BulkRequest($"file-{index}"), (_, _) => { }, stop.Token));
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2));
        Assert.Equal(s_hasty.ThrottleLimit, asked);
    }

    [Fact]
    public void An_error_of_the_taker_ends_it()
    {
        using var server = Serve(_ => TinyAnswer.Ok(Text));
        using var cache = Open(server);
        Assert.Throws<InvalidTimeZoneException>(() => new BulkReader(cache, s_hasty).Read(1000, index => new BulkRequest($"file-{index}"), (_, _) => throw new InvalidTimeZoneException()));
    }

    private static TinyServer Serve(Func<string, TinyAnswer> answer)
        => new(request => request.Path == "/nix-cache-info" ? TinyAnswer.Ok("StoreDir: /nix/store\n") : answer(request.Path));

    private static BinaryCache Open(TinyServer server, TimeSpan? patience = null) => BinaryCacheFactory.Open(
        server.Url, new BinaryCacheOptions { MaximumConnections = 64, StalledDownloadTimeout = patience ?? TimeSpan.FromSeconds(60) });

    private static ConcurrentDictionary<int, BulkAnswer> Read(
        TinyServer server, int count, BulkOptions options, TimeSpan? patience = null, Func<int, BulkRequest>? request = null)
    {
        using var cache = Open(server, patience);
        var answers = new ConcurrentDictionary<int, BulkAnswer>();
        new BulkReader(cache, options).Read(count, request ?? (index => new BulkRequest($"file-{index}")), (index, answer) => Assert.True(answers.TryAdd(index, answer)));
        return answers;
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen && Interlocked.CompareExchange(ref target, value, seen) is var now && now != seen;)
        {
            seen = now;
        }
    }
}
