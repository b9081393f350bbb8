using System.Net;
using System.Net.Http.Headers;
using NixStore.Caches.BinaryCaches;
using Polly;

namespace NixStore.Caches.Http;

/// <summary>
/// Requests with retries, time-outs and passwords. Asynchronous inside, because only that way a silent server can be left and HTTP/2 be
/// used; synchronous outside, because those who call it are.
/// </summary>
internal sealed class HttpTransport : IDisposable
{
    private readonly HttpClient _client;
    private readonly IRequestAuthorizer _authorizer;
    private readonly BinaryCacheOptions _options;
    private readonly ResiliencePipeline _retries;

    /// <param name="authorizer">Who knows the passwords.</param>
    /// <param name="options">Time-outs, attempts and connections.</param>
    /// <param name="retryClock">What pauses are measured with; tests do not wait.</param>
    /// <param name="followRedirects">False where a request is signed for one server.</param>
    public HttpTransport(IRequestAuthorizer authorizer, BinaryCacheOptions options, TimeProvider? retryClock = null, bool followRedirects = true)
    {
        _options = options;
        _authorizer = authorizer;
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = Limit(options.ConnectTimeout),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = options.MaximumConnections,
            EnableMultipleHttp2Connections = true,
            UseCookies = false,
            AllowAutoRedirect = followRedirects,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue("NixStore", typeof(HttpTransport).Assembly.GetName().Version?.ToString(3)));
        _retries = HttpRetries.Make(options.MaximumAttempts, options.RetryDelay, options.MaximumRetryDelay, retryClock);
    }

    /// <summary>How long a server may be silent.</summary>
    public TimeSpan StallLimit => Limit(_options.StalledDownloadTimeout);

    /// <summary>How often something is tried.</summary>
    public int MaximumAttempts => Math.Max(1, _options.MaximumAttempts);

    /// <summary>Gets a file; <paramref name="consume"/> owns the answer, which is always a successful one.</summary>
    /// <exception cref="HttpStatusException">The server refused; the last answer when it did so several times.</exception>
    /// <exception cref="NixStoreException">Anything else, named.</exception>
    public T Get<T>(
        Uri uri, Action<HttpRequestHeaders>? prepare, Func<HttpResponseMessage, CancellationToken, Task<T>> consume, CancellationToken cancellation)
        => Send(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, uri);
                prepare?.Invoke(request.Headers);
                return request;
            },
            consume, StallLimit, cancellation);

    /// <summary>Sends a request that may be sent several times; <paramref name="consume"/> owns the answer, which is always a successful one.</summary>
    /// <param name="make">Makes it anew for every attempt.</param>
    /// <param name="consume">Reads the answer.</param>
    /// <param name="limit">How long an attempt may take.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HttpStatusException">The server refused; the last answer when it did so several times.</exception>
    /// <exception cref="NixStoreException">Anything else, named.</exception>
    public T Send<T>(
        Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> consume, TimeSpan limit, CancellationToken cancellation)
    {
        Uri? uri = null;
        try
        {
            return _retries.ExecuteAsync(token => new ValueTask<T>(SendOnce(Make, consume, limit, token)), cancellation)
                .AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (HttpFailure.IsKnown(e) && e is not HttpStatusException)
        {
            throw HttpFailure.ToError(e, uri!);
        }

        HttpRequestMessage Make()
        {
            var request = make();
            uri = request.RequestUri;
            return request;
        }
    }

    /// <summary>Tries once to get a file, and holds no thread meanwhile; <paramref name="consume"/> owns the answer, which is always a successful one.</summary>
    /// <exception cref="Exception">Those of <see cref="HttpFailure.IsKnown"/>, and of <paramref name="consume"/>.</exception>
    public Task<T> GetOnce<T>(Uri uri, Func<HttpResponseMessage, CancellationToken, Task<T>> consume, CancellationToken cancellation)
        => SendOnce(() => new HttpRequestMessage(HttpMethod.Get, uri), consume, StallLimit, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<T> SendOnce<T>(
        Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> consume, TimeSpan limit, CancellationToken cancellation)
    {
        using var request = make();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(limit);
        HttpResponseMessage? response = null;
        try
        {
            await _authorizer.Authorize(request, limited.Token).ConfigureAwait(false);
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw await Refused(response, limited.Token).ConfigureAwait(false);
            }

            return await consume(response, limited.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            response?.Dispose();
            if (e is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw limited.IsCancellationRequested
                    ? new TimeoutException($"nothing came within {limit.TotalSeconds:0.#} s.", e)
                    : new TimeoutException($"no connection came about within {_options.ConnectTimeout.TotalSeconds:0.#} s.", e);
            }

            throw;
        }
    }

    private async Task<HttpStatusException> Refused(HttpResponseMessage response, CancellationToken cancellation)
    {
        var refused = new HttpStatusException(
            response.StatusCode, response.ReasonPhrase, RetryAfter(response), await S3ErrorBody.TryRead(response, cancellation).ConfigureAwait(false));
        if (refused.IsExpired)
        {
            _authorizer.Expired();
        }

        return refused;
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wish = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - (response.Headers.Date ?? DateTimeOffset.UtcNow);
        return wish < TimeSpan.Zero ? TimeSpan.Zero : wish;
    }

    // Nix's 0 means "no limit".
    private static TimeSpan Limit(TimeSpan time) => time <= TimeSpan.Zero ? Timeout.InfiniteTimeSpan : time;
}
