using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Polly;
using Polly.Retry;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// One server, by its HTTP interface. An answer is held back by the server until it is complete (wait_end_of_query): what goes wrong in the middle of a query
/// is an error, never the end of the rows.
/// </summary>
internal sealed partial class ClickHouseServer : IDisposable
{
    private const string DefaultUser = "default";

    // A dead machine says nothing; a query may take hours, in which only the kernels talk.
    private const int KeepAliveSeconds = 30;

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

    private readonly ClickHouseAddress _address;
    private readonly HttpClient _client;
    private readonly Uri _uri;
    private string? _refused;
    private string? _settings;

    /// <summary>Connects when it is first asked.</summary>
    /// <param name="address">Who asks, and for which database.</param>
    /// <param name="host">The server.</param>
    /// <param name="shard">The number of its shard; null = only asked for the cluster.</param>
    internal ClickHouseServer(ClickHouseAddress address, string host, int? shard)
    {
        (_address, _uri, Shard) = (address, address.UriOf(host), shard);
        Name = string.Create(CultureInfo.InvariantCulture, $"{host}:{address.Port}");
        Role = shard is { } number ? string.Create(CultureInfo.InvariantCulture, $"Shard {number} of the cluster ({Name})") : $"The ClickHouse server {Name}";
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
            UseCookies = false,
            AllowAutoRedirect = false,

            // What the environment says of proxies is for the web: one would get the password, and all that is in the catalog.
            UseProxy = false,
            ConnectCallback = Connect,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsTrusted },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Host and port.</summary>
    internal string Name { get; }

    /// <summary>The server and its place in the cluster, as errors name it.</summary>
    internal string Role { get; }

    /// <summary>The number of its shard; null = only asked for the cluster.</summary>
    internal int? Shard { get; }

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Execute(string sql, CancellationToken cancellation)
    {
        // Another shard may have refused its part of the rows when the others had theirs.
        var pipeline = Insertion().IsMatch(sql) ? ResiliencePipeline.Empty : s_retries;
        pipeline.Execute(token => Finish(Send(sql, null, token), token), cancellation);
    }

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
    /// <param name="write">Writes blocks in the format Native, and flushes after each. What it throws comes out of this.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Insert(string insert, Action<Stream> write, CancellationToken cancellation)
        => RowUpload.Run(write, (rows, token) => Finish(Send(insert + " FORMAT Native", rows, token), token), cancellation);

    /// <summary>An error of the way there.</summary>
    internal NixStoreException Lost(Exception error)
        => error.GetBaseException() is AuthenticationException && _refused is { } certificate ? ClickHouseErrors.Untrusted(this, certificate, error) : ClickHouseErrors.Unavailable(this, error);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private void Finish(HttpResponseMessage answer, CancellationToken cancellation)
    {
        using (answer)
        {
            try
            {
                using var stream = answer.Content.ReadAsStream(cancellation);
                stream.CopyTo(Stream.Null);
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                throw Lost(error);
            }
        }
    }

    private HttpResponseMessage Send(string sql, HttpContent? rows, CancellationToken cancellation) => Send(sql, rows, _settings ??= AskSettings(cancellation), cancellation);

    /// <summary>The settings for every request.</summary>
    private string AskSettings(CancellationToken cancellation)
    {
        var settings = new StringBuilder(ClickHouseSettings.Common);
        var sql = ClusterSql.Of("settings", ("names", string.Join(", ", ClickHouseSettings.Newer.Keys.Select(ClickHouseCluster.Quote))));
        using var rows = new ClickHouseRows(this, Send($"{sql}\nFORMAT Native", null, ClickHouseSettings.Common, cancellation), cancellation);
        while (rows.Read())
        {
            settings.Append(CultureInfo.InvariantCulture, $"&{rows.GetText(0)}={ClickHouseSettings.Newer[rows.GetText(0)]}");
        }

        return settings.ToString();
    }

    private HttpResponseMessage Send(string sql, HttpContent? rows, string settings, CancellationToken cancellation)
    {
        var id = $"nixstore-{Guid.NewGuid():n}";
        var uri = new UriBuilder(_uri) { Query = $"{settings}&query_id={id}" + (rows is null ? "" : "&query=" + Uri.EscapeDataString(sql)) }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = rows ?? new ByteArrayContent(Encoding.UTF8.GetBytes(sql)) };
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
        // In the bytes of UTF-8, whatever is in them: a header of its own takes neither them nor blanks at its ends.
        if (_address.User is not null || _address.Password is { Length: > 0 })
        {
            headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_address.User ?? DefaultUser}:{_address.Password}")));
        }
    }

    /// <summary>Which certificate is refused is not said by the error.</summary>
    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.None)
        {
            var reasons = chain?.ChainStatus.Select(status => status.StatusInformation.Trim()) ?? [];
            _refused = $"'{certificate?.Subject}' of '{certificate?.Issuer}', {certificate?.GetCertHashString(HashAlgorithmName.SHA256)} ({string.Join("; ", reasons.Prepend(errors.ToString()))})";
        }

        return errors == SslPolicyErrors.None;
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

    [GeneratedRegex(@"^(\s|--[^\n]*\n)*INSERT\b", RegexOptions.IgnoreCase)]
    private static partial Regex Insertion();
}
