using System.Net;
using System.Net.Sockets;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Stands between a client and a server, and hands on answers late.</summary>
internal sealed class LateServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly string _server;
    private int _answers;

    internal LateServer(string host, int port, string server)
    {
        (_listener, _server) = (new TcpListener(IPAddress.Parse(host), port), server);
        _listener.Start();
        _ = Accept();
    }

    /// <summary>How late.</summary>
    internal TimeSpan Delay { get; set; }

    /// <summary>How many pieces of answers it has handed on late.</summary>
    internal int Answers => _answers;

    public void Dispose() => _listener.Stop();

    private async Task Accept()
    {
        try
        {
            for (; ; )
            {
                _ = Serve(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It was told to end.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(IPEndPoint.Parse(_server));
            var there = Hand(client.GetStream(), server.GetStream(), isAnswer: false);
            await Task.WhenAny(there, Hand(server.GetStream(), client.GetStream(), isAnswer: true));
        }
    }

    private async Task Hand(NetworkStream from, NetworkStream to, bool isAnswer)
    {
        var buffer = new byte[65536];
        while (await from.ReadAsync(buffer) is > 0 and var count)
        {
            if (isAnswer && Delay > TimeSpan.Zero)
            {
                await Task.Delay(Delay);
                Interlocked.Increment(ref _answers);
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
