using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>
/// The C library's functions as they are: integers for descriptors, pointers to NUL-terminated byte names, -1 and errno for errors.
/// Only <see cref="Posix"/> and the hottest loops call these.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(int directory, byte* name, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Pread(int descriptor, byte* buffer, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    internal static partial int Statx(int directory, byte* name, int flags, uint mask, FileStatus* status);

    [LibraryImport(Library, EntryPoint = "getdents64", SetLastError = true)]
    internal static partial nint GetDirectoryEntries(int descriptor, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLinkAt(int directory, byte* name, byte* buffer, nint count);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MkdirAt(int directory, byte* name, uint mode);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int SymlinkAt(byte* target, int directory, byte* name);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(int oldDirectory, byte* oldName, int newDirectory, byte* newName, int flags);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(int directory, byte* name, int flags);

    [LibraryImport(Library, EntryPoint = "renameat2", SetLastError = true)]
    internal static partial int RenameAt2(int oldDirectory, byte* oldName, int newDirectory, byte* newName, uint flags);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int Fchmod(int descriptor, uint mode);

    [LibraryImport(Library, EntryPoint = "fchmodat", SetLastError = true)]
    internal static partial int FchmodAt(int directory, byte* name, uint mode, int flags);

    [LibraryImport(Library, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int FchownAt(int directory, byte* name, uint owner, uint group, int flags);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int UtimensAt(int directory, byte* name, TimeSpec* times, int flags);

    [LibraryImport(Library, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int Futimens(int descriptor, TimeSpec* times);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int descriptor);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int Syncfs(int descriptor);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(int descriptor, int operation);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FcntlLock(int descriptor, int command, RecordLock* recordLock);

    [LibraryImport(Library, EntryPoint = "posix_fadvise")]
    internal static partial int Fadvise(int descriptor, long offset, long length, int advice);

    [LibraryImport(Library, EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int Fstatfs(int descriptor, byte* buffer);

    [LibraryImport(Library, EntryPoint = "fstatvfs", SetLastError = true)]
    internal static partial int Fstatvfs(int descriptor, FileSystemStatus* status);

    [LibraryImport(Library, EntryPoint = "flistxattr", SetLastError = true)]
    internal static partial nint Flistxattr(int descriptor, byte* list, nint size);

    [LibraryImport(Library, EntryPoint = "llistxattr", SetLastError = true)]
    internal static partial nint Llistxattr(byte* path, byte* list, nint size);

    [LibraryImport(Library, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int Fsetxattr(int descriptor, byte* name, byte* value, nint size, int flags);

    [LibraryImport(Library, EntryPoint = "lgetxattr", SetLastError = true)]
    internal static partial nint Lgetxattr(byte* path, byte* name, byte* value, nint size);

    [LibraryImport(Library, EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int Fremovexattr(int descriptor, byte* name);

    [LibraryImport(Library, EntryPoint = "lremovexattr", SetLastError = true)]
    internal static partial int Lremovexattr(byte* path, byte* name);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Ftruncate(int descriptor, long length);

    [LibraryImport(Library, EntryPoint = "copy_file_range", SetLastError = true)]
    internal static partial nint CopyFileRange(int source, long* sourceOffset, int target, long* targetOffset, nint count, uint flags);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, long* argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, nint argument);

    [LibraryImport(Library, EntryPoint = "dup3", SetLastError = true)]
    internal static partial int Dup3(int from, int to, int flags);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint Geteuid();

    [LibraryImport(Library, EntryPoint = "faccessat", SetLastError = true)]
    internal static partial int AccessAt(int directory, byte* name, int mode, int flags);

    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true)]
    internal static partial int Mount(byte* source, byte* target, byte* type, nuint flags, byte* data);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true)]
    internal static partial int Unmount(byte* target, int flags);

    /// <summary>For what older C libraries have no function of its own. Linux passes variable arguments as others on both architectures.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth, nint fifth);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RecordLock
    {
        internal short Type;
        internal short Whence;
        internal long Start;
        internal long Length;
        internal int Pid;
    }
}
