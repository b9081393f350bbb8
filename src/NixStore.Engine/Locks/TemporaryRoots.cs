using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Locks;

/// <summary>
/// This process's temporary roots in one store: what is in them, no collector deletes (GC-SPEC §2; Nix libstore/gc.cc:addTempRoot).
/// The order is always: add the root, then check that the path is valid. Safe for several threads.
/// </summary>
public sealed class TemporaryRoots : IDisposable
{
    private static readonly TimeSpan s_retryPause = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly StoreLocation _store;
    private readonly string _path;
    private readonly FileDescriptor _file;
    private readonly FileDescriptor _collectorLock;
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private Socket? _collector;

    private TemporaryRoots(StoreLocation store, string path, FileDescriptor file, FileDescriptor collectorLock)
    {
        _store = store;
        _path = path;
        _file = file;
        _collectorLock = collectorLock;
    }

    /// <summary>Creates the file of this process and locks it.</summary>
    /// <exception cref="StoreIOException"/>
    public static TemporaryRoots Open(StoreLocation store, CancellationToken cancellation)
    {
        Directory.CreateDirectory($"{store.StateDirectory}/temproots");

        // A plain process id could be that of a process in another PID namespace on the same state directory. Old collectors read the
        // leading digits only, new ones accept any name.
        var path = string.Create(CultureInfo.InvariantCulture,
            $"{store.StateDirectory}/temproots/{Environment.ProcessId}-{Random.Shared.NextInt64():x16}");
        for (; ; )
        {
            var file = Posix.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Append, LockFile.Mode);
            try
            {
                LockFile.Wait(file, LockMode.Exclusive, Timeout.InfiniteTimeSpan, cancellation, "a collector reads it");

                // A collector that saw the file before it was locked has unlinked it and left a mark.
                if (Posix.Status(file) is { Size: 0, LinkCount: > 0 })
                {
                    var collectorLock = Posix.Open($"{store.StateDirectory}/gc.lock", OpenFlags.ReadWrite | OpenFlags.Create, LockFile.Mode);
                    return new TemporaryRoots(store, path, file, collectorLock);
                }
            }
            catch
            {
                file.Dispose();
                throw;
            }

            file.Dispose();
        }
    }

    /// <summary>Protects a path from now on until disposal. It need not exist.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public void Add(StorePath path, CancellationToken cancellation)
    {
        var full = _store.Directory.Print(path);
        lock (_gate)
        {
            if (_added.Contains(full))
            {
                return;
            }

            for (; ; )
            {
                cancellation.ThrowIfCancellationRequested();
                if (Posix.TryFlock(_collectorLock, LockMode.Shared))
                {
                    try
                    {
                        Record(full);
                        return;
                    }
                    finally
                    {
                        Posix.Unlock(_collectorLock);
                    }
                }

                // A collection runs: it must be told, and it answers when the path is safe (or already gone).
                if (TryTellCollector(full, cancellation))
                {
                    Record(full);
                    return;
                }

                cancellation.WaitHandle.WaitOne(s_retryPause);
            }
        }
    }

    /// <summary>
    /// As <see cref="Add"/> for many paths at once: one lock and one write while no collection runs. They need not be new, and are not
    /// remembered, so that a whole store costs no memory.
    /// </summary>
    /// <param name="paths">Full logical paths.</param>
    /// <param name="cancellation">Ends the wait for a collector.</param>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public void AddAll(IReadOnlyCollection<string> paths, CancellationToken cancellation)
    {
        if (paths.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Posix.TryFlock(_collectorLock, LockMode.Shared))
            {
                try
                {
                    Append(string.Join('\0', paths) + "\0");
                    return;
                }
                finally
                {
                    Posix.Unlock(_collectorLock);
                }
            }
        }

        foreach (var path in paths)
        {
            Add(_store.Directory.Parse(path), cancellation);
        }
    }

    /// <summary>Ends the protection and removes the file.</summary>
    public void Dispose()
    {
        _collector?.Dispose();
        _collectorLock.Dispose();
        File.Delete(_path);
        _file.Dispose();
    }

    private void Record(string path)
    {
        Append(path + "\0");
        _added.Add(path);
    }

    /// <summary>Appends roots. What a full disk cuts off is taken back: the next root would be read as the rest of the last one.</summary>
    private void Append(string records)
    {
        var length = Posix.Status(_file).Size;
        try
        {
            Posix.WriteAll(_file, Encoding.UTF8.GetBytes(records));
        }
        catch (StoreIOException)
        {
            Posix.Truncate(_file, length);
            throw;
        }
    }

    private bool TryTellCollector(string path, CancellationToken cancellation)
    {
        var told = false;
        try
        {
            _collector ??= Connect();
            _collector.Send(Encoding.UTF8.GetBytes(path + "\n"));

            // The answer may take as long as the collector needs to delete a large path of the same hash part.
            while (!_collector.Poll(s_retryPause, SelectMode.SelectRead))
            {
                cancellation.ThrowIfCancellationRequested();
            }

            Span<byte> answer = stackalloc byte[1];
            told = _collector.Receive(answer) == 1 && answer[0] == (byte)'1';
        }
        catch (SocketException)
        {
            // The collector has just ended, or has not opened its socket yet: try the lock again.
        }
        finally
        {
            // An answer that nobody waited for must not be taken for the next one's.
            if (!told)
            {
                _collector?.Dispose();
                _collector = null;
            }
        }

        return told;
    }

    private Socket Connect()
    {
        // Addresses of sockets are limited to 108 bytes, paths are not: go through the descriptor of the directory.
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From($"{_store.StateDirectory}/gc-socket"),
            OpenFlags.PathOnly | OpenFlags.Directory, 0, out _) ?? throw new SocketException((int)SocketError.ConnectionRefused);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(
                string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Number}/socket")));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
