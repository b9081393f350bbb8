using System.Net;
using System.Net.Sockets;

namespace NixStore.Caches.Tests.Support;

/// <summary>Ports for servers that have to be told theirs.</summary>
internal static class FreePorts
{
    // Below those that the system gives to whoever wants any (from 32768 on Linux): between the choice and its use, and while a server is started anew, nobody gets one by chance.
    private const int First = 10_000;
    private const int Last = 19_999;

    /// <summary>One that is free now, and so are those at the distances given from it. Somebody else may choose the same at the same time: whoever cannot listen asks again.</summary>
    internal static int Choose(params int[] offsets)
    {
        for (; ; )
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (IsFree(port) && offsets.All(offset => IsFree(port + offset)))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
