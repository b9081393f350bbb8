using NixStore.Engine.Native;

namespace NixStore.Engine.Locks;

/// <summary>
/// <c>&lt;store path&gt;.lock</c> beside a store object, held exclusively by whoever creates or replaces it (GC-SPEC §1;
/// Nix libstore/unix/pathlocks.cc:lockPaths). Several paths are locked in sorted order by the caller.
/// </summary>
public sealed class PathLock : IDisposable
{
    private readonly FileDescriptor _directory;
    private readonly byte[] _name;
    private readonly FileDescriptor _file;

    private PathLock(FileDescriptor directory, byte[] name, FileDescriptor file)
    {
        _directory = directory;
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
        => Acquire(store, path.BaseName, timeout, cancellation, "another process builds or repairs the path");

    /// <summary>Locks a name in any directory by the same rules, as Nix does with profiles.</summary>
    /// <param name="directory">The open, writable directory.</param>
    /// <param name="baseName">The name that is locked, without <c>.lock</c>.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="holder">What to say of whoever holds the lock.</param>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    internal static PathLock Acquire(FileDescriptor directory, string baseName, TimeSpan timeout, CancellationToken cancellation, string holder)
    {
        var name = ByteName.From(baseName + ".lock");
        for (; ; )
        {
            cancellation.ThrowIfCancellationRequested();
            var file = Posix.OpenAt(directory, name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NoFollow, LockFile.Mode);
            try
            {
                LockFile.Wait(file, LockMode.Exclusive, timeout, cancellation, holder);

                // Whoever unlinks a lock file writes into it first: a file with contents is one that waiters must not use any more.
                // One that is unlinked protects nothing, as whoever comes next makes another.
                var status = Posix.Status(file);
                if (status is { Size: 0, LinkCount: > 0 })
                {
                    return new PathLock(directory, name, file);
                }

                // Marked but still there: unlinking had failed, or a crash undid it. All who wait for it would go round in circles for ever.
                if (Posix.TryStatusAt(directory, name, out var present, out _) && present.IsSameFile(status))
                {
                    Posix.UnlinkAt(directory, name);
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
            Posix.UnlinkAt(_directory, _name);
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
