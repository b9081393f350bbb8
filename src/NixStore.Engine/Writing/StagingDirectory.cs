using System.Globalization;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Writing;

/// <summary>
/// A directory <c>tmp-PID-N</c> in the store directory where new contents are made before they are renamed into place, on the same file
/// system. While it is held, an exclusive lock on the directory itself tells collectors to leave it alone (GC-SPEC §1;
/// Nix libstore/local-store.cc:createTempDirInStore). What is left in it at disposal is removed; after a crash the next collection does.
/// </summary>
public sealed class StagingDirectory : IDisposable
{
    private const int PrivateDirectory = 0b111_000_000;
    private static int s_counter;
    private readonly FileDescriptor _store;
    private readonly byte[] _name;
    private int _names;

    private StagingDirectory(FileDescriptor store, byte[] name, FileDescriptor directory)
    {
        _store = store;
        _name = name;
        Directory = directory;
    }

    /// <summary>The open directory.</summary>
    public FileDescriptor Directory { get; }

    /// <summary>Makes and locks one.</summary>
    /// <exception cref="StoreIOException"/>
    public static StagingDirectory Create(FileDescriptor store)
    {
        for (; ; )
        {
            var name = ByteName.From(string.Create(CultureInfo.InvariantCulture,
                $"tmp-{Environment.ProcessId}-{Interlocked.Increment(ref s_counter)}{Random.Shared.Next():x8}"));
            Posix.MkdirAt(store, name, PrivateDirectory);
            var directory = Posix.TryOpenAt(store, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error);
            if (directory is not null && Posix.TryFlock(directory, LockMode.Exclusive) && Posix.TryStatusAt(store, name, out _, out error))
            {
                return new StagingDirectory(store, name, directory);
            }

            // A collector was quicker than the lock and took the directory for a stale one.
            directory?.Dispose();
            if (error is not 0 and not Errno.NoEntry)
            {
                throw new StoreIOException("open", store.Combine(name), error);
            }
        }
    }

    /// <summary>A name that is free in the directory, NUL-terminated.</summary>
    public byte[] NewName() => ByteName.From(Interlocked.Increment(ref _names).ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            // What was taken out of a path may be immutable; left here, it would end every collection by real Nix (NIX-ON-DAMAGE, case e4).
            new TreeRemover { ClearsImmutable = true }.RemoveTree(_store, _name);
        }
        catch (StoreIOException)
        {
            // No privilege to clear an immutable file, say. The name tells every collector that it is rubbish; the work that was done here is done.
        }
        finally
        {
            Directory.Dispose();
        }
    }
}
