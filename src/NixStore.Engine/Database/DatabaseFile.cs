using NixStore.Engine.Native;

namespace NixStore.Engine.Database;

/// <summary>A kept descriptor on one of SQLite's files (see <see cref="DatabaseFiles"/>), and the lock that its immutable readers share.</summary>
internal sealed class DatabaseFile(FileDescriptor descriptor) : IDisposable
{
    // os_unix.c: PENDING_BYTE + 2, SHARED_SIZE. Whoever moves a log into the database when the last connection closes, and whoever commits
    // without a log, takes this range exclusively: held shared, it keeps the file as it is.
    private const long SharedFirst = 0x40000000 + 2;
    private const long SharedSize = 510;

    private readonly Lock _gate = new();
    private int _holders;

    /// <summary>The open file.</summary>
    internal FileDescriptor Descriptor => descriptor;

    /// <summary>Keeps others from changing the file in its place, until <see cref="Release"/>; false when somebody is just doing so.</summary>
    /// <exception cref="StoreIOException"/>
    internal bool TryHold()
    {
        lock (_gate)
        {
            if (_holders == 0 && !Posix.TryRecordLock(descriptor, LockMode.Shared, SharedFirst, SharedSize))
            {
                return false;
            }

            _holders++;
            return true;
        }
    }

    /// <summary>Ends one <see cref="TryHold"/>.</summary>
    internal void Release()
    {
        lock (_gate)
        {
            if (--_holders == 0)
            {
                Posix.UnlockRecords(descriptor, SharedFirst, SharedSize);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => descriptor.Dispose();
}
