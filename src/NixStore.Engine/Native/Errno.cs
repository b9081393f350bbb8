namespace NixStore.Engine.Native;

/// <summary>The error numbers of Linux that are told apart here; the same on x86-64 and arm64.</summary>
public static class Errno
{
    /// <summary>Operation not permitted; also an immutable file.</summary>
    public const int NotPermitted = 1;
    /// <summary>No such file or directory.</summary>
    public const int NoEntry = 2;
    /// <summary>No such process.</summary>
    public const int NoProcess = 3;
    /// <summary>Interrupted by a signal.</summary>
    public const int Interrupted = 4;
    /// <summary>The device failed.</summary>
    public const int InputOutput = 5;
    /// <summary>Would block: somebody else has the lock.</summary>
    public const int Again = 11;
    /// <summary>Permission denied.</summary>
    public const int AccessDenied = 13;
    /// <summary>Busy, for example a mount point.</summary>
    public const int Busy = 16;
    /// <summary>Exists already.</summary>
    public const int Exists = 17;
    /// <summary>Another file system or mount.</summary>
    public const int CrossDevice = 18;
    /// <summary>Not a directory.</summary>
    public const int NotDirectory = 20;
    /// <summary>Is a directory.</summary>
    public const int IsDirectory = 21;
    /// <summary>Invalid argument; renameat2 says so where the file system cannot exchange.</summary>
    public const int Invalid = 22;
    /// <summary>No space left on the device.</summary>
    public const int NoSpace = 28;
    /// <summary>The file system is read-only.</summary>
    public const int ReadOnlyFileSystem = 30;
    /// <summary>Too many hard links.</summary>
    public const int TooManyLinks = 31;
    /// <summary>The directory is not empty.</summary>
    public const int NotEmpty = 39;
    /// <summary>A symbolic link where none is wanted, or too many of them.</summary>
    public const int Loop = 40;
    /// <summary>Such an attribute does not exist.</summary>
    public const int NoData = 61;
    /// <summary>Not supported by the file system.</summary>
    public const int NotSupported = 95;
    /// <summary>Stale handle (NFS, overlayfs).</summary>
    public const int Stale = 116;
    /// <summary>Quota exceeded.</summary>
    public const int Quota = 122;
}
