using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>What happens to a request on its way to the server.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>503 SlowDown in the place of the server.</summary>
    SlowDown,
    /// <summary>500 InternalError in the place of the server.</summary>
    InternalError,
    /// <summary>The connection is cut before the server sees anything.</summary>
    CutBefore,
    /// <summary>The server does it, and the connection is cut before the answer.</summary>
    CutAfter,
    /// <summary>The credentials have expired.</summary>
    Expired,
    /// <summary>403 AccessDenied in the place of the server.</summary>
    Denied,
    /// <summary>Of a deletion of many, every other one is done, and the others are errors.</summary>
    PartialErrors,
}

/// <summary>Stands between a client and a real server, and does to requests what networks and servers do. A connection a request.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string, Fault> _choose;
    private readonly Uri _server;

    /// <param name="server">The real one.</param>
    /// <param name="choose">Says what happens, by method and path. Any thread.</param>
    public FaultyProxy(string server, Func<string, string, Fault> choose)
    {
        _server = new Uri(server);
        _choose = choose;
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = Accept();
    }

    public string Url { get; }

    /// <summary>Deletes a key of a bucket, for deletions that are done in part; null = none of them is done.</summary>
    public Action<string, string>? Delete { get; init; }

    /// <summary>Holds a request back, by method and path.</summary>
    public Func<string, string, Task>? Hold { get; set; }

    public void Dispose() => _listener.Dispose();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        await Task.Yield();
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var (head, body) = await Read(stream);
                if (head.Length == 0)
                {
                    return;
                }

                var (method, path) = (head.Split(' ')[0], head.Split(' ')[1]);
                var fault = _choose(method, path);
                switch (fault)
                {
                    case Fault.SlowDown:
                        await Refuse(stream, "503 Slow Down", "SlowDown");
                        return;
                    case Fault.InternalError:
                        await Refuse(stream, "500 Internal Server Error", "InternalError");
                        return;
                    case Fault.Expired:
                        await Refuse(stream, "400 Bad Request", "ExpiredToken");
                        return;
                    case Fault.Denied:
                        await Refuse(stream, "403 Forbidden", "AccessDenied");
                        return;
                    case Fault.CutBefore:
                        client.LingerState = new LingerOption(true, 0);
                        return;
                }

                if (fault == Fault.PartialErrors)
                {
                    await Send(stream, "200 OK", DeleteHalf(path, body));
                    return;
                }

                if (Hold is { } hold)
                {
                    await hold(method, path);
                }

                var answer = new MemoryStream();
                await Forward(answer, head, body);
                if (fault == Fault.CutAfter)
                {
                    client.LingerState = new LingerOption(true, 0);
                    return;
                }

                answer.Position = 0;
                await answer.CopyToAsync(stream);
            }
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // The client has left.
        }
    }

    /// <summary>Deletes every other key and says that the others could not be.</summary>
    private string DeleteHalf(string path, byte[] body)
    {
        var keys = System.Text.RegularExpressions.Regex.Matches(Encoding.UTF8.GetString(body), "<Key>([^<]*)</Key>").Select(match => match.Groups[1].Value).ToList();
        var hasVersions = Encoding.UTF8.GetString(body).Contains("<VersionId>", StringComparison.Ordinal);
        var answer = new StringBuilder("<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        for (var i = 0; i < keys.Count; i++)
        {
            if (i % 2 == 0 && Delete is { } delete && !hasVersions)
            {
                delete(path.Split('/', '?')[1], keys[i]);
                answer.Append($"<Deleted><Key>{keys[i]}</Key></Deleted>");
            }
            else
            {
                answer.Append($"<Error><Key>{keys[i]}</Key><Code>InternalError</Code><Message>We are sorry.</Message></Error>");
            }
        }

        return answer.Append("</DeleteResult>").ToString();
    }

    private async Task Forward(Stream answer, string head, byte[] body)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(_server.Host, _server.Port);
        var stream = server.GetStream();
        var lines = head.Split("\r\n").Where(line => !line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase) && !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(body);
        await stream.CopyToAsync(answer);
    }

    private static Task Refuse(Stream stream, string status, string code) => Send(stream, status, $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>No.</Message></Error>");

    private static async Task Send(Stream stream, string status, string body)
        => await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"));

    private static async Task<(string Head, byte[] Body)> Read(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r'))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return ("", []);
            }

            head.Add(one[0]);
        }

        var text = Encoding.Latin1.GetString([.. head]).TrimEnd('\r', '\n');
        var lines = text.Split("\r\n");
        if (lines.Any(line => line.StartsWith("Expect: 100", StringComparison.OrdinalIgnoreCase)))
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
        }

        var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line.Split(':')[1])).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return (text, body);
    }
}
