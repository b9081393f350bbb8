using System.Net;
using System.Net.Sockets;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Stands between a client and a server, and hands on answers late.</summary>
internal sealed class LateServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly string _server;
    private readonly TimeSpan _delay;
    private int _answers;

    internal LateServer(string host, int port, string server, TimeSpan delay)
    {
        (_listener, _server, _delay) = (new TcpListener(IPAddress.Parse(host), port), server, delay);
        _listener.Start();
        _ = Accept();
    }

    /// <summary>How many pieces of answers it has handed on.</summary>
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
            var there = Hand(client.GetStream(), server.GetStream(), TimeSpan.Zero);
            await Task.WhenAny(there, Hand(server.GetStream(), client.GetStream(), _delay));
        }
    }

    private async Task Hand(NetworkStream from, NetworkStream to, TimeSpan delay)
    {
        var buffer = new byte[65536];
        while (await from.ReadAsync(buffer) is > 0 and var count)
        {
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay);
                Interlocked.Increment(ref _answers);
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
