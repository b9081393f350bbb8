using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Polly;
using Polly.Retry;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// One server, by its HTTP interface. An answer is held back by the server until it is complete (wait_end_of_query): what goes wrong in the middle of a query
/// is an error, never the end of the rows.
/// </summary>
/// <param name="address">Who asks, and for which database.</param>
/// <param name="host">The server.</param>
/// <param name="shard">The number of its shard; null = only asked for the cluster.</param>
internal sealed class ClickHouseServer(ClickHouseAddress address, string host, int? shard) : IDisposable
{
    // A dead machine says nothing; a query may take hours, in which only the kernels talk.
    private const int KeepAliveSeconds = 30;

    // Lists of parts and hashes are long.
    private const string Settings = "wait_end_of_query=1&max_query_size=268435456&max_ast_elements=10000000&max_expanded_ast_elements=10000000&insert_distributed_sync=1&skip_unavailable_shards=0&join_use_nulls=0"
        + "&distributed_aggregation_memory_efficient=1&output_format_write_statistics=0";

    // Servers of today put rows of one table of the cluster that are selected into another on the shard where they were read, not where they belong; and they keep rows
    // back for a while that a client who is killed has sent.
    private static readonly string[] s_unwanted = ["parallel_distributed_insert_select", "async_insert"];

    private static readonly ResiliencePipeline s_retries = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        MaxRetryAttempts = 3,
        Delay = TimeSpan.FromMilliseconds(300),
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is ClickHouseException { ErrorId: "ClickHouseBusy" }),
    }).Build();

    // A connection that was kept may be one to a server that has been started anew since; what changes nothing is asked once more.
    private static readonly ResiliencePipeline s_again = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        MaxRetryAttempts = 1,
        Delay = TimeSpan.FromMilliseconds(50),
        ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is NixStoreException { ErrorId: "ClickHouseShardUnavailable" }),
    }).AddPipeline(s_retries).Build();

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = Connect,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Uri _uri = address.UriOf(host);
    private string? _settings;

    /// <summary>Host and port.</summary>
    internal string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{host}:{address.Port}");

    /// <summary>The server and its place in the cluster, as errors name it.</summary>
    internal string Role => shard is { } number ? string.Create(CultureInfo.InvariantCulture, $"Shard {number} of the cluster ({Name})") : $"The ClickHouse server {Name}";

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Execute(string sql, CancellationToken cancellation)
        => s_retries.Execute(token =>
        {
            using var response = Send(sql, null, token);
            using var stream = response.Content.ReadAsStream(token);
            stream.CopyTo(Stream.Null);
        }, cancellation);

    /// <summary>Asks.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    internal ClickHouseRows Query(string sql, CancellationToken cancellation)
        => s_again.Execute(token => new ClickHouseRows(this, Send(sql + "\nFORMAT Native", null, token), token), cancellation);

    /// <summary>The first column of the first row as a whole number; 0 when there is none.</summary>
    /// <inheritdoc cref="Query"/>
    internal long QueryNumber(string sql, CancellationToken cancellation)
    {
        using var rows = Query(sql, cancellation);
        return rows.Read() && !rows.IsNull(0) ? rows.GetInt64(0) : 0;
    }

    /// <summary>Puts rows into a table.</summary>
    /// <param name="insert">INSERT INTO, as far as the columns.</param>
    /// <param name="write">Writes blocks in the format Native. What it throws comes out of this.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Insert(string insert, Action<Stream> write, CancellationToken cancellation)
    {
        var body = new BlockContent(write);
        try
        {
            using var response = Send(insert + " FORMAT Native", body, cancellation);
            using var stream = response.Content.ReadAsStream(cancellation);
            stream.CopyTo(Stream.Null);
        }
        catch (Exception) when (body.Error is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(body.Error);
        }
    }

    /// <summary>An error of the way there.</summary>
    internal NixStoreException Lost(Exception error) => ClickHouseErrors.Unavailable(this, error);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpResponseMessage Send(string sql, BlockContent? rows, CancellationToken cancellation) => Send(sql, rows, _settings ??= AskSettings(cancellation), cancellation);

    /// <summary>The settings for every request. An old server refuses those that it does not know.</summary>
    private string AskSettings(CancellationToken cancellation)
    {
        var settings = new StringBuilder(Settings);
        var sql = ClusterSql.Of("settings", ("names", string.Join(", ", s_unwanted.Select(ClickHouseCluster.Quote))));
        using var rows = new ClickHouseRows(this, Send($"{sql}\nFORMAT Native", null, Settings, cancellation), cancellation);
        while (rows.Read())
        {
            settings.Append('&').Append(Uri.EscapeDataString(rows.GetText(0))).Append("=0");
        }

        return settings.ToString();
    }

    private HttpResponseMessage Send(string sql, BlockContent? rows, string settings, CancellationToken cancellation)
    {
        var id = $"nixstore-{Guid.NewGuid():n}";
        var uri = new UriBuilder(_uri) { Query = $"{settings}&query_id={id}" + (rows is null ? "" : "&query=" + Uri.EscapeDataString(sql)) }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = rows ?? (HttpContent)new ByteArrayContent(Encoding.UTF8.GetBytes(sql)) };
        Authorize(request.Headers);
        try
        {
            var response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return response;
            }

            using (response)
            {
                using var reader = new StreamReader(response.Content.ReadAsStream(cancellation));
                throw ClickHouseException.From(Name, reader.ReadToEnd() is { Length: > 0 } text ? text : $"HTTP {(int)response.StatusCode}");
            }
        }
        catch (OperationCanceledException)
        {
            Kill(id);
            throw;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw Lost(error);
        }
    }

    /// <summary>The server goes on with what it was asked though nobody listens any more.</summary>
    private void Kill(string id)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var request = new HttpRequestMessage(HttpMethod.Post, _uri) { Content = new StringContent($"KILL QUERY WHERE query_id = '{id}' ASYNC") };
            Authorize(request.Headers);
            using var response = _client.Send(request, limit.Token);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            // It will end by itself.
        }
    }

    private void Authorize(HttpRequestHeaders headers)
    {
        if (address.User is { } user)
        {
            headers.TryAddWithoutValidation("X-ClickHouse-User", user);
        }

        if (address.Password is { Length: > 0 } password)
        {
            headers.TryAddWithoutValidation("X-ClickHouse-Key", password);
        }
    }

    private static async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(System.Net.Sockets.SocketOptionLevel.Socket, System.Net.Sockets.SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(System.Net.Sockets.SocketOptionLevel.Tcp, System.Net.Sockets.SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(System.Net.Sockets.SocketOptionLevel.Tcp, System.Net.Sockets.SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds / 3);
            socket.SetSocketOption(System.Net.Sockets.SocketOptionLevel.Tcp, System.Net.Sockets.SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Rows on their way to the server.</summary>
    private sealed class BlockContent(Action<Stream> write) : HttpContent
    {
        /// <summary>Why there were no more rows.</summary>
        internal Exception? Error { get; private set; }

        /// <inheritdoc/>
        protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellation)
        {
            try
            {
                write(stream);
            }
            catch (Exception error) when (error is not (IOException or HttpRequestException))
            {
                Error = error;
                throw new IOException("The rows cannot be had.", error);
            }
        }

        /// <inheritdoc/>
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        /// <inheritdoc/>
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
