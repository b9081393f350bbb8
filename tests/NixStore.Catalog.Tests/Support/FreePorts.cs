using System.Net;
using System.Net.Sockets;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Ports for servers that have to be told theirs.</summary>
internal static class FreePorts
{
    // Below those that the system gives to whoever wants any (from 32768 on Linux): between the choice and its use, and while a server is started anew, nobody gets one by chance.
    private const int First = 10_000;
    private const int Last = 19_999;

    /// <summary>The first of so many in a row that are free now. Somebody else may choose the same at the same time: whoever cannot listen asks again.</summary>
    internal static int Choose(int count)
    {
        for (; ; )
        {
            var port = Random.Shared.Next(First, Last - count + 2);
            if (Enumerable.Range(port, count).All(IsFree))
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
