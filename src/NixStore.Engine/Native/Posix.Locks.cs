using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>The two kinds of advisory lock.</summary>
public enum LockMode
{
    /// <summary>Many may hold it.</summary>
    Shared = 1,
    /// <summary>One alone.</summary>
    Exclusive = 2,
}

public static unsafe partial class Posix
{
    /// <summary>LOCK_UN</summary>
    internal const int LockUnlock = 8;

    private const int LockNonBlocking = 4;
    private const int OfdGetLock = 36;
    private const int OfdSetLock = 37;
    private const short RecordUnlocked = 2;

    /// <summary>Takes a BSD lock, the kind Nix uses, without waiting; false when somebody else holds it.</summary>
    /// <exception cref="StoreIOException"/>
    public static bool TryFlock(FileDescriptor file, LockMode mode)
    {
        for (; ; )
        {
            if (Libc.Flock(file.Number, (int)mode | LockNonBlocking) == 0)
            {
                file.HasLock = true;
                return true;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Again:
                    return false;
                case Errno.Interrupted:
                    break;
                default:
                    throw Error("lock", file.Path);
            }
        }
    }

    /// <summary>Gives a BSD lock back.</summary>
    public static void Unlock(FileDescriptor file)
    {
        Check(Libc.Flock(file.Number, LockUnlock), "unlock", file.Path);
        file.HasLock = false;
    }

    /// <summary>
    /// True when another open file description or process holds a POSIX record lock on the range that would conflict with a lock
    /// of <paramref name="mode"/>. Only asks (F_OFD_GETLK); no lock is taken.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    public static bool IsRecordLocked(FileDescriptor file, LockMode mode, long start, long length)
    {
        var query = new Libc.RecordLock { Type = RecordType(mode), Start = start, Length = length };
        Check(Libc.FcntlLock(file.Number, OfdGetLock, &query), "query the locks of", file.Path);
        return query.Type != RecordUnlocked;
    }

    /// <summary>Takes a record lock that belongs to this open file description (F_OFD_SETLK); false when it conflicts.</summary>
    /// <exception cref="StoreIOException"/>
    public static bool TryRecordLock(FileDescriptor file, LockMode mode, long start, long length)
    {
        var request = new Libc.RecordLock { Type = RecordType(mode), Start = start, Length = length };
        if (Libc.FcntlLock(file.Number, OfdSetLock, &request) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is Errno.Again or Errno.AccessDenied ? false : throw Error("lock a range of", file.Path);
    }

    /// <summary>Gives the record locks of this open file description on a range back.</summary>
    /// <exception cref="StoreIOException"/>
    public static void UnlockRecords(FileDescriptor file, long start, long length)
    {
        var request = new Libc.RecordLock { Type = RecordUnlocked, Start = start, Length = length };
        Check(Libc.FcntlLock(file.Number, OfdSetLock, &request), "unlock a range of", file.Path);
    }

    private static short RecordType(LockMode mode) => (short)(mode == LockMode.Shared ? 0 : 1);
}
