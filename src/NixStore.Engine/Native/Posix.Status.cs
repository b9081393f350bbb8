using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

public static unsafe partial class Posix
{
    /// <summary>The effective user id of this process.</summary>
    public static uint EffectiveUserId => Libc.Geteuid();

    /// <summary>Status of an open file.</summary>
    /// <exception cref="StoreIOException"/>
    public static FileStatus Status(FileDescriptor file)
    {
        FileStatus status;
        byte empty = 0;
        Check(Libc.Statx(file.Number, &empty, AtEmptyPath, StatxBasic, &status), "stat", file.Path);
        return status;
    }

    /// <summary>Status of a name; symbolic links are not followed.</summary>
    /// <exception cref="StoreIOException"/>
    public static FileStatus StatusAt(FileDescriptor directory, ReadOnlySpan<byte> name)
        => TryStatusAt(directory, name, out var status, out var error)
            ? status : throw new StoreIOException("stat", directory.Combine(name), error);

    /// <summary>As <see cref="StatusAt"/>; false and errno when it fails.</summary>
    public static bool TryStatusAt(FileDescriptor directory, ReadOnlySpan<byte> name, out FileStatus status, out int error)
    {
        fixed (byte* pointer = Terminated(name))
        fixed (FileStatus* target = &status)
        {
            var ok = Libc.Statx(directory.Number, pointer, AtSymlinkNoFollow, StatxBasic, target) == 0;
            error = ok ? 0 : Marshal.GetLastPInvokeError();
            return ok;
        }
    }

    /// <summary>Status of a path; symbolic links in the last component are not followed.</summary>
    public static bool TryStatus(string path, out FileStatus status, out int error)
        => TryStatusAt(FileDescriptor.WorkingDirectory, ByteName.From(path), out status, out error);

    /// <summary>Size, free space and flags of the file system that <paramref name="file"/> is on.</summary>
    /// <exception cref="StoreIOException"/>
    public static FileSystemStatus FileSystemStatus(FileDescriptor file)
    {
        FileSystemStatus status;
        Check(Libc.Fstatvfs(file.Number, &status), "stat the file system of", file.Path);
        return status;
    }

    /// <summary>The kind of the file system that an open file is on, a number of linux/magic.h.</summary>
    /// <exception cref="StoreIOException"/>
    public static long FileSystemType(FileDescriptor file)
    {
        // struct statfs of 64-bit Linux: f_type comes first.
        const int structSize = 120;
        var status = stackalloc byte[structSize];
        Check(Libc.Fstatfs(file.Number, status), "stat the file system of", file.Path);
        return *(long*)status;
    }

    /// <summary>Target of a symbolic link, raw bytes without a NUL.</summary>
    /// <exception cref="StoreIOException"/>
    public static byte[] ReadLinkAt(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        const int longest = 4096;
        var buffer = stackalloc byte[longest];
        fixed (byte* pointer = Terminated(name))
        {
            var length = Libc.ReadLinkAt(directory.Number, pointer, buffer, longest);
            return length >= 0 ? new ReadOnlySpan<byte>(buffer, (int)length).ToArray() : throw Error("read the link", directory.Combine(name));
        }
    }
}
