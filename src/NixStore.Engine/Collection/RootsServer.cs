using System.Net.Sockets;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Collection;

/// <summary>
/// The socket by which Nix processes add temporary roots while a collection runs: a line with a path in, one character <c>1</c> out
/// (GC-SPEC §3; Nix libstore/gc.cc:collectGarbage, addTempRoot). When it is gone, clients try the lock again.
/// </summary>
public sealed class RootsServer : IDisposable
{
    private const int Backlog = 100;
    private const int SocketMode = 0b110_110_110;
    private const int DirectoryMode = 0b111_101_101;
    private const int LongestLine = 1 << 12;
    private readonly StoreLocation _store;
    private readonly LateRoots _roots;
    private readonly Action<StorePath>? _received;
    private readonly FileDescriptor _directory;
    private readonly Socket _listener;
    private readonly List<Socket> _clients = [];
    private bool _isDisposed;

    private RootsServer(StoreLocation store, LateRoots roots, Action<StorePath>? received, FileDescriptor directory, Socket listener)
    {
        _store = store;
        _roots = roots;
        _received = received;
        _directory = directory;
        _listener = listener;
    }

    /// <summary>Begins to serve. The caller holds <see cref="Locks.CollectorLock"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="roots">Where the roots go.</param>
    /// <param name="received">Told of each root when it counts and before it is answered; for the journal. From any thread.</param>
    /// <exception cref="StoreIOException"/>
    public static RootsServer Start(StoreLocation store, LateRoots roots, Action<StorePath>? received)
    {
        using var state = Posix.Open(store.StateDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        var name = ByteName.From("gc-socket");
        if (!Posix.TryStatusAt(state, name, out _, out _))
        {
            Posix.MkdirAt(state, name, DirectoryMode);
        }

        var directory = Posix.OpenAt(state, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Listen(listener, directory);
        }
        catch
        {
            listener.Dispose();
            directory.Dispose();
            throw;
        }

        var server = new RootsServer(store, roots, received, directory, listener);
        new Thread(server.Accept) { IsBackground = true, Name = nameof(RootsServer) }.Start();
        return server;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_clients)
        {
            _isDisposed = true;
            _listener.Dispose();
            _clients.ForEach(client => client.Dispose());

            // Only now: the runtime unlinks the socket by the name that it was bound to.
            _directory.Dispose();
        }
    }

    private static void Listen(Socket listener, FileDescriptor directory)
    {
        var socketName = ByteName.From("socket");
        if (Posix.TryStatusAt(directory, socketName, out _, out _))
        {
            Posix.UnlinkAt(directory, socketName);
        }

        try
        {
            // An address has room for 107 bytes; by way of the descriptor any directory can be reached.
            listener.Bind(new UnixDomainSocketEndPoint($"/proc/self/fd/{directory.Number}/socket"));
            Posix.FchmodAt(directory, socketName, SocketMode);
            listener.Listen(Backlog);
        }
        catch (SocketException error)
        {
            throw new StoreIOException("listen at", $"{directory.Path}/socket", error.NativeErrorCode);
        }
    }

    private void Accept()
    {
        for (; ; )
        {
            try
            {
                var client = _listener.Accept();
                lock (_clients)
                {
                    if (_isDisposed)
                    {
                        client.Dispose();
                        return;
                    }

                    _clients.Add(client);
                }

                // A thread each, not a pooled one: an answer may have to wait for a deletion that itself needs threads.
                new Thread(() => Serve(client), 256 << 10) { IsBackground = true, Name = nameof(RootsServer) }.Start();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                if (_isDisposed)
                {
                    return;
                }

                // Out of descriptors, or a client that went away at once: the others still need us.
                Thread.Sleep(1);
            }
        }
    }

    private void Serve(Socket client)
    {
        var buffer = new byte[LongestLine];
        var length = 0;
        try
        {
            for (; ; )
            {
                var count = client.Receive(buffer.AsSpan(length));
                if (count == 0)
                {
                    return;
                }

                length += count;
                for (int end; (end = buffer.AsSpan(0, length).IndexOf((byte)'\n')) >= 0;)
                {
                    Take(buffer.AsSpan(0, end));
                    client.Send("1"u8);
                    buffer.AsSpan(end + 1, length - end - 1).CopyTo(buffer);
                    length -= end + 1;
                }

                if (length == buffer.Length)
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or StoreIOException)
        {
            // The client or we are done, or the disk is full and the journal cannot be written: who gets no answer asks again.
            // Temporary roots stay with us until the collection ends.
        }
        finally
        {
            lock (_clients)
            {
                _clients.Remove(client);
            }

            client.Dispose();
        }
    }

    /// <summary>What is no path of the store is answered all the same, as Nix does.</summary>
    private void Take(ReadOnlySpan<byte> line)
    {
        if (_store.Directory.TryParse(Encoding.UTF8.GetString(line), out var path))
        {
            // In this order: whatever the journal says to be removed behind the root, would be removed in spite of it.
            _roots.AddAndWait(path);
            lock (_clients)
            {
                // After the end nobody listens any more, and the journal is closed.
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                _received?.Invoke(path);
            }
        }
    }
}
