using System.Globalization;
using System.Net.Sockets;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>
/// Nix's roots daemon, which knows what running processes use where this one may not look: it sends paths, each with a NUL, and an empty one
/// at the end (Nix libstore/gc.cc:requestRuntimeRoots, from 2.34 on).
/// </summary>
internal static class RootsDaemon
{
    private const int Patience = 30_000;

    /// <summary>Asks it.</summary>
    /// <exception cref="NixStoreException">RootsDaemonUnavailable</exception>
    internal static void Find(StoreLocation store, Func<string, bool> isRegistered, List<StoreRoot> roots)
    {
        var link = $"{store.StateDirectory}/gc-roots-socket/socket";
        var paths = new StorePathText(store);
        foreach (var path in Receive(store, link).Select(item => paths.Parse(item)).OfType<string>().Distinct().Where(isRegistered))
        {
            roots.Add(new StoreRoot
            {
                Store = store.Url,
                Kind = StoreRootKind.Runtime,
                Origin = StoreRootOrigin.RootsDaemon,
                State = StoreRootState.Active,
                Path = path,
                Link = link,
            });
        }
    }

    private static List<byte[]> Receive(StoreLocation store, string link)
    {
        try
        {
            // Addresses of sockets are limited to 108 bytes, paths are not: go through the descriptor of the directory.
            using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From($"{store.StateDirectory}/gc-roots-socket"),
                OpenFlags.PathOnly | OpenFlags.Directory, 0, out _) ?? throw new SocketException((int)SocketError.ConnectionRefused);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = Patience };
            socket.Connect(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Number}/socket")));
            return Split(socket);
        }
        catch (SocketException error)
        {
            throw new NixStoreException("RootsDaemonUnavailable", StoreErrorKind.Connection,
                $"The roots daemon of the store {store.Url} does not answer at '{link}': {error.Message}.", link,
                "Start it, or open the store without use-roots-daemon.", error);
        }
    }

    private static List<byte[]> Split(Socket socket)
    {
        var items = new List<byte[]>();
        var item = new List<byte>();
        var buffer = new byte[1 << 16];
        for (int count; (count = socket.Receive(buffer)) > 0;)
        {
            foreach (var next in buffer.AsSpan(0, count))
            {
                if (next != 0)
                {
                    item.Add(next);
                    continue;
                }

                if (item.Count == 0)
                {
                    return items;
                }

                items.Add([.. item]);
                item.Clear();
            }
        }

        // Without the end, what it knows is not known.
        throw new SocketException((int)SocketError.ConnectionReset);
    }
}
