using System.Net;
using System.Runtime.ExceptionServices;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Http;
using Polly;

namespace NixStore.Caches.Bulk;

/// <summary>
/// Reads many small files of a cache that a listing names, many at once, without a thread for each. What passes (503 SlowDown, 429, cut connections, silence) is tried
/// again after a pause with jitter, and fewer are asked for at once while the server says that it is too much.
/// </summary>
/// <remarks>One <see cref="Read"/> at a time; after an exception it is of no use any more.</remarks>
public sealed class BulkReader
{
    private readonly BinaryCache _cache;
    private readonly BulkOptions _options;
    private readonly AdaptiveLimit _limit;
    private readonly RequestPace _pace;
    private readonly ResiliencePipeline _retries;
    private long _retried;

    /// <summary>Makes a reader.</summary>
    /// <param name="cache">The cache; opened with as many connections as are to be used.</param>
    /// <param name="options">How; null = the defaults.</param>
    public BulkReader(BinaryCache cache, BulkOptions? options = null)
        : this(cache, options ?? new BulkOptions(), TimeProvider.System)
    {
    }

    internal BulkReader(BinaryCache cache, BulkOptions options, TimeProvider clock)
    {
        _cache = cache;
        _options = options;
        _limit = new AdaptiveLimit(options.ThrottleLimit, clock);
        _pace = new RequestPace(options.MaximumRate, clock);
        _retries = HttpRetries.Make(options.MaximumAttempts, options.RetryDelay, options.MaximumRetryDelay, clock, () => Interlocked.Increment(ref _retried));
    }

    /// <summary>How many files may be asked for at once by now. Any thread.</summary>
    public int CurrentLimit => _limit.Current;

    /// <summary>How often something was tried again. Any thread.</summary>
    public long RetryCount => Interlocked.Read(ref _retried);

    /// <summary>Reads files.</summary>
    /// <param name="count">How many.</param>
    /// <param name="requestOf">Says which; any thread, in order, each once.</param>
    /// <param name="take">Takes the answers; any thread, in any order, several at once.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// What concerns the cache as a whole: it refuses the credentials, it has no trusted connection, or so many files in a row could not be had.
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    public void Read(int count, Func<int, BulkRequest> requestOf, Action<int, BulkAnswer> take, CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var run = new Run(count, requestOf, take, stop);
        var workers = Enumerable.Range(0, Math.Min(count, _options.ThrottleLimit)).Select(_ => Task.Run(() => Work(run), CancellationToken.None)).ToArray();
        Task.WaitAll(workers, CancellationToken.None);
        run.Error?.Throw();
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task Work(Run run)
    {
        try
        {
            while (!run.Stop.IsCancellationRequested && run.TryNext(out var index))
            {
                var answer = await Ask(run.RequestOf(index), run.Stop.Token).ConfigureAwait(false);
                run.Take(index, answer);
                run.Count(answer, _options.MaximumFailures);
            }
        }
        catch (Exception error)
        {
            run.Fail(error);
        }
    }

    private async ValueTask<BulkAnswer> Ask(BulkRequest request, CancellationToken cancellation)
    {
        try
        {
            var file = await _retries.ExecuteAsync(
                static (state, token) => state.Reader.TryOnce(state.Request, token), (Reader: this, Request: request), cancellation).ConfigureAwait(false);
            return file is { } found ? new BulkAnswer(BulkOutcome.Read, found.Bytes) : new BulkAnswer(BulkOutcome.Missing, default);
        }
        catch (HttpStatusException error) when (error is { IsMissing: true, Status: not HttpStatusCode.Forbidden })
        {
            return new BulkAnswer(BulkOutcome.Missing, default);
        }
        catch (HttpStatusException error) when (error.IsMissing)
        {
            return new BulkAnswer(BulkOutcome.Unavailable, default, Refused(new Uri($"{_cache.Url}/{request.Name}"), error));
        }
        catch (Exception error) when (HttpFailure.IsKnown(error))
        {
            var named = HttpFailure.ToError(error, new Uri($"{_cache.Url}/{request.Name}"));
            return IsAboutAll(error) ? throw named
                : new BulkAnswer(error is WrongLengthException ? BulkOutcome.Unreadable : BulkOutcome.Unavailable, default, named);
        }
        catch (NixStoreException error) when (error.Kind == StoreErrorKind.InvalidData || error.ErrorId is "CompressionNotSupported" or "CodecMemoryLimit")
        {
            return new BulkAnswer(BulkOutcome.Unreadable, default, error);
        }
        catch (NixStoreException error) when (error.ErrorId == "BinaryCacheReadFailed")
        {
            return new BulkAnswer(BulkOutcome.Unavailable, default, error);
        }
    }

    private async ValueTask<SmallFile?> TryOnce(BulkRequest request, CancellationToken cancellation)
    {
        await _limit.Enter(cancellation).ConfigureAwait(false);
        var load = ServerLoad.Unknown;
        try
        {
            await _pace.Wait(cancellation).ConfigureAwait(false);
            var file = await _cache.TryReadOnce(request.Name, _options.MaximumSize, cancellation).ConfigureAwait(false);
            load = ServerLoad.Fine;
            return file is not { } found || IsWhole(request, found) ? file : throw new WrongLengthException(found.Bytes.Length, request.Size!.Value);
        }
        catch (Exception error) when (HttpFailure.IsKnown(error))
        {
            load = LoadOf(error);
            throw;
        }
        finally
        {
            _limit.Leave(load);
        }
    }

    /// <summary>False when a file that has not changed since it was listed has another length.</summary>
    private static bool IsWhole(BulkRequest request, SmallFile file) => request.Size is not { } size || file.Bytes.Length == size || file.IsDecoded
        || file.LastModified is not { } written || request.LastModified is not { } listed || written > listed;

    /// <summary>Elsewhere 403 means that there is nothing by a name. What a listing names is there, and somebody may need what it says.</summary>
    private static NixStoreException Refused(Uri uri, HttpStatusException error) => new("BinaryCacheFileRefused", StoreErrorKind.PermissionDenied,
        $"'{HttpFailure.Shown(uri)}' is in the listing, and the server does not give it out: {error.Message}.", HttpFailure.Shown(uri),
        "Look whether all objects may be read (s3:GetObject, kms:Decrypt), and ask the bucket itself, not a server in front of it.", error);

    private static ServerLoad LoadOf(Exception error) => error switch
    {
        HttpStatusException { Status: HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests } => ServerLoad.TooMuch,
        HttpStatusException { Code: "SlowDown" or "Throttling" or "ThrottlingException" } => ServerLoad.TooMuch,
        HttpStatusException { IsMissing: true } => ServerLoad.Fine,
        TimeoutException => ServerLoad.TooMuch,
        _ => ServerLoad.Unknown,
    };

    private static bool IsAboutAll(Exception error) => error switch
    {
        HttpStatusException { IsRefusal: true } or HttpStatusException { Code: "NoSuchBucket" } => true,
        HttpStatusException status => status.Status is HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired
            or HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.UserAuthenticationError } => true,
        _ => false,
    };

    /// <summary>What the workers of a <see cref="Read"/> share.</summary>
    private sealed class Run(int count, Func<int, BulkRequest> requestOf, Action<int, BulkAnswer> take, CancellationTokenSource stop)
    {
        private int _next = -1;
        private int _failures;
        private ExceptionDispatchInfo? _error;

        public CancellationTokenSource Stop => stop;

        public Func<int, BulkRequest> RequestOf => requestOf;

        public Action<int, BulkAnswer> Take => take;

        /// <summary>The first error that ended it.</summary>
        public ExceptionDispatchInfo? Error => _error;

        public bool TryNext(out int index) => (index = Interlocked.Increment(ref _next)) < count;

        public void Count(BulkAnswer answer, int maximum)
        {
            if (answer.Outcome != BulkOutcome.Unavailable)
            {
                Volatile.Write(ref _failures, 0);
            }
            else if (Interlocked.Increment(ref _failures) >= maximum)
            {
                throw answer.Error!;
            }
        }

        public void Fail(Exception error)
        {
            // Those that were cancelled because of the first come later.
            _ = Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(error), null);
            stop.Cancel();
        }
    }
}
