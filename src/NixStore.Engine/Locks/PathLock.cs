using NixStore.Engine.Native;

namespace NixStore.Engine.Locks;

/// <summary>
/// <c>&lt;store path&gt;.lock</c> beside a store object, held exclusively by whoever creates or replaces it (GC-SPEC §1;
/// Nix libstore/unix/pathlocks.cc:lockPaths). Several paths are locked in sorted order by the caller.
/// </summary>
public sealed class PathLock : IDisposable
{
    private readonly FileDescriptor _store;
    private readonly byte[] _name;
    private readonly FileDescriptor _file;

    private PathLock(FileDescriptor store, byte[] name, FileDescriptor file)
    {
        _store = store;
        _name = name;
        _file = file;
    }

    /// <summary>Locks a path.</summary>
    /// <param name="store">The open, writable store directory.</param>
    /// <param name="path">The store object.</param>
    /// <param name="timeout">How long to wait for somebody who builds or repairs it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    public static PathLock Acquire(FileDescriptor store, StorePath path, TimeSpan timeout, CancellationToken cancellation)
    {
        var name = ByteName.From(path.BaseName + ".lock");
        for (; ; )
        {
            cancellation.ThrowIfCancellationRequested();
            var file = Posix.OpenAt(store, name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, LockFile.Mode);
            try
            {
                LockFile.Wait(file, LockMode.Exclusive, timeout, cancellation, "another process builds or repairs the path");

                // Whoever unlinks a lock file writes into it first: a file with contents is one that waiters must not use any more.
                // One that is unlinked protects nothing, as whoever comes next makes another.
                var status = Posix.Status(file);
                if (status is { Size: 0, LinkCount: > 0 })
                {
                    return new PathLock(store, name, file);
                }

                // Marked but still there: unlinking had failed, or a crash undid it. All who wait for it would go round in circles for ever.
                if (Posix.TryStatusAt(store, name, out var present, out _) && present.IsSameFile(status))
                {
                    Posix.UnlinkAt(store, name);
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

    /// <summary>Removes the lock file, marks it stale and releases the lock.</summary>
    public void Dispose()
    {
        try
        {
            Posix.UnlinkAt(_store, _name);
            Posix.WriteAll(_file, "d"u8);
        }
        catch (StoreIOException)
        {
            // The lock ends with the descriptor in any case; a left-over file is harmless, as after a crash.
        }
        finally
        {
            _file.Dispose();
        }
    }
}
