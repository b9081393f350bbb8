using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>A system call failed; carries the path, the call and errno.</summary>
public sealed class StoreIOException : NixStoreException
{
    /// <summary>Makes the error of a failed call.</summary>
    /// <param name="operation">What was tried, as a verb phrase: <c>open</c>, <c>rename to /x</c>.</param>
    /// <param name="path">On what.</param>
    /// <param name="errorNumber">errno.</param>
    public StoreIOException(string operation, string path, int errorNumber)
        : base(IdOf(errorNumber), KindOf(errorNumber, operation), $"Cannot {operation} '{path}': {Marshal.GetPInvokeErrorMessage(errorNumber)}.",
            path, RemedyOf(errorNumber, path))
    {
        Operation = operation;
        ErrorNumber = errorNumber;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>errno; see <see cref="Errno"/>.</summary>
    public int ErrorNumber { get; }

    private static string IdOf(int errorNumber) => errorNumber switch
    {
        Errno.NoEntry or Errno.NotDirectory => "PathNotFound",
        Errno.AccessDenied or Errno.NotPermitted => "AccessDenied",
        Errno.NoSpace or Errno.Quota => "DiskFull",
        Errno.ReadOnlyFileSystem => "ReadOnlyFileSystem",
        Errno.Exists or Errno.NotEmpty => "PathExists",
        Errno.Busy or Errno.Again => "ResourceBusy",
        Errno.Loop => "UnexpectedSymbolicLink",
        Errno.Stale => "StaleFileHandle",
        _ => "InputOutputError",
    };

    private static StoreErrorKind KindOf(int errorNumber, string operation) => errorNumber switch
    {
        Errno.NoEntry or Errno.NotDirectory => StoreErrorKind.NotFound,
        Errno.AccessDenied or Errno.NotPermitted or Errno.ReadOnlyFileSystem => StoreErrorKind.PermissionDenied,
        Errno.NoSpace or Errno.Quota => StoreErrorKind.DiskFull,
        Errno.Busy or Errno.Again => StoreErrorKind.Busy,
        Errno.Loop => StoreErrorKind.InvalidData,
        _ => operation.StartsWith("write", StringComparison.Ordinal) || operation.StartsWith("sync", StringComparison.Ordinal)
            ? StoreErrorKind.WriteError : StoreErrorKind.ReadError,
    };

    private static string? RemedyOf(int errorNumber, string path) => errorNumber switch
    {
        Errno.AccessDenied => "Run as the owner of the store (usually root).",
        Errno.NotPermitted => $"Run as root; if you are, look for an immutable attribute: lsattr -d '{path}'.",
        Errno.NoSpace or Errno.Quota => "Free space on the file system (nothing was lost), then run the command again.",
        Errno.ReadOnlyFileSystem => "Remount the file system writable, or work on a writable copy.",
        Errno.InputOutput => "The device failed: look at the kernel log (dmesg) and the disk's health before anything else.",
        Errno.Stale => "Remount the file system; what it shows is not what is stored.",
        _ => null,
    };
}
