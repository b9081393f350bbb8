using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace NixStore.Caches.Tests.Support;

/// <summary>A request as the server saw it; header names in lower case.</summary>
internal sealed record TinyRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);
}

/// <summary>What to answer, and how to misbehave while doing so.</summary>
internal sealed record TinyAnswer(int Status, byte[] Body, params string[] Headers)
{
    /// <summary>Reset the connection after so many bytes of the body; -1 = already before the status line.</summary>
    public int? ResetAfter { get; init; }

    /// <summary>Fall silent after so many bytes of the body; -1 = already before the status line.</summary>
    public int? SilentAfter { get; init; }

    public static TinyAnswer Ok(byte[] body, params string[] headers) => new(200, body, headers);

    public static TinyAnswer Ok(string body, params string[] headers) => new(200, Encoding.UTF8.GetBytes(body), headers);

    public static TinyAnswer Of(int status, params string[] headers) => new(status, [], headers);
}

/// <summary>A web server that does exactly what a test tells it, down to the TCP connection.</summary>
internal sealed partial class TinyServer : IDisposable
{
    /// <summary>SIOCOUTQ</summary>
    private const nuint UnacknowledgedBytes = 0x5411;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<TinyRequest, TinyAnswer> _answer;

    public TinyServer(Func<TinyRequest, TinyAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = Accept();
    }

    public string Url { get; }

    public ConcurrentQueue<TinyRequest> Requests { get; } = new();

    public int CountOf(string path) => Requests.Count(request => request.Path == path);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(Socket socket)
    {
        await Task.Yield();
        try
        {
            using (socket)
            {
                using var stream = new NetworkStream(socket);
                var request = await ReadRequest(stream);
                if (request is not null)
                {
                    Requests.Enqueue(request);
                    await Send(socket, stream, _answer(request));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // The client has left.
        }
    }

    private async Task Send(Socket socket, NetworkStream stream, TinyAnswer answer)
    {
        var cut = answer.ResetAfter ?? answer.SilentAfter;
        if (cut is not < 0)
        {
            var head = new StringBuilder($"HTTP/1.1 {answer.Status} Status\r\nConnection: close\r\n");
            if (!answer.Headers.Any(header => header.StartsWith("Transfer-Encoding")))
            {
                head.Append($"Content-Length: {answer.Body.Length}\r\n");
            }

            foreach (var header in answer.Headers)
            {
                head.Append(header).Append("\r\n");
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
            await stream.WriteAsync(answer.Body.AsMemory(0, Math.Min(answer.Body.Length, cut ?? int.MaxValue)));
        }

        if (answer.SilentAfter is not null)
        {
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }

        if (answer.ResetAfter is not null)
        {
            // What was sent must arrive before the reset throws it away: nothing of it may wait here any more.
            while (Control(socket.SafeHandle, UnacknowledgedBytes, out var waiting) == 0 && waiting > 0)
            {
                await Task.Delay(1, _stop.Token);
            }

            socket.LingerState = new LingerOption(true, 0);
        }
    }

    private static async Task<TinyRequest?> ReadRequest(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        int end;
        while ((end = text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            var count = await stream.ReadAsync(buffer);
            if (count == 0)
            {
                return null;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        var lines = text.ToString(0, end).Split("\r\n");
        var headers = new Dictionary<string, string>();
        foreach (var line in lines[1..])
        {
            headers[line[..line.IndexOf(':')].ToLowerInvariant()] = line[(line.IndexOf(':') + 1)..].Trim();
        }

        // The body as well: a connection that is closed before all was read is reset, and the answer may go with it.
        var missing = long.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture) - (text.Length - end - 4);
        while (missing > 0)
        {
            var count = await stream.ReadAsync(buffer);
            missing = count == 0 ? 0 : missing - count;
        }

        return new TinyRequest(lines[0].Split(' ')[1], headers);
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(SafeSocketHandle socket, nuint request, out int value);
}
