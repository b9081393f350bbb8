using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

public static unsafe partial class Posix
{
    /// <summary>Sets the permission bits of an open file.</summary>
    /// <exception cref="StoreIOException"/>
    public static void Fchmod(FileDescriptor file, int mode) => Check(Libc.Fchmod(file.Number, (uint)mode), "change the mode of", file.Path);

    /// <summary>Sets the permission bits of a name that the caller knows to be no symbolic link.</summary>
    /// <exception cref="StoreIOException"/>
    public static void FchmodAt(FileDescriptor directory, ReadOnlySpan<byte> name, int mode)
    {
        fixed (byte* pointer = Terminated(name))
        {
            Check(Libc.FchmodAt(directory.Number, pointer, (uint)mode, 0), "change the mode of", directory.Combine(name));
        }
    }

    /// <summary>Sets owner and group of a name; symbolic links are not followed.</summary>
    /// <exception cref="StoreIOException"/>
    public static void FchownAt(FileDescriptor directory, ReadOnlySpan<byte> name, uint owner, uint group)
    {
        fixed (byte* pointer = Terminated(name))
        {
            Check(Libc.FchownAt(directory.Number, pointer, owner, group, AtSymlinkNoFollow), "change the owner of", directory.Combine(name));
        }
    }

    /// <summary>Sets the modification time of a name and leaves the access time alone; symbolic links are not followed.</summary>
    /// <exception cref="StoreIOException"/>
    public static void SetModificationTimeAt(FileDescriptor directory, ReadOnlySpan<byte> name, long unixSeconds)
    {
        var times = stackalloc Libc.TimeSpec[2];
        FillTimes(times, unixSeconds);
        fixed (byte* pointer = Terminated(name))
        {
            Check(Libc.UtimensAt(directory.Number, pointer, times, AtSymlinkNoFollow), "set the time of", directory.Combine(name));
        }
    }

    /// <summary>Sets the modification time of an open file and leaves the access time alone.</summary>
    /// <exception cref="StoreIOException"/>
    public static void SetModificationTime(FileDescriptor file, long unixSeconds)
    {
        var times = stackalloc Libc.TimeSpec[2];
        FillTimes(times, unixSeconds);
        Check(Libc.Futimens(file.Number, times), "set the time of", file.Path);
    }

    /// <summary>
    /// Names of the extended attributes of an open file, each a byte string without NUL. Where the file system has none: empty.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<byte[]> ListExtendedAttributes(FileDescriptor file)
    {
        const int limit = 65536;
        var buffer = new byte[limit];
        fixed (byte* pointer = buffer)
        {
            var length = Libc.Flistxattr(file.Number, pointer, limit);
            return length >= 0 ? Split(buffer.AsSpan(0, (int)length)) : NoAttributes(file.Path);
        }
    }

    /// <summary>As <see cref="ListExtendedAttributes(FileDescriptor)"/> by path; symbolic links are not followed.</summary>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<byte[]> ListExtendedAttributes(ReadOnlySpan<byte> path)
    {
        const int limit = 65536;
        var buffer = new byte[limit];
        fixed (byte* name = Terminated(path), pointer = buffer)
        {
            var length = Libc.Llistxattr(name, pointer, limit);
            return length >= 0 ? Split(buffer.AsSpan(0, (int)length)) : NoAttributes(ByteName.ToDisplay(path));
        }
    }

    /// <summary>The value of an extended attribute by path, symbolic links not followed; null when it is not there, or is longer than 256 bytes.</summary>
    public static byte[]? TryGetExtendedAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> attribute)
    {
        const int longest = 256;
        var value = stackalloc byte[longest];
        fixed (byte* file = Terminated(path), name = ByteName.From(attribute))
        {
            var length = Libc.Lgetxattr(file, name, value, longest);
            return length >= 0 ? new ReadOnlySpan<byte>(value, (int)length).ToArray() : null;
        }
    }

    /// <summary>Removes an extended attribute from an open file; one that is gone already is no error.</summary>
    /// <exception cref="StoreIOException"/>
    public static void RemoveExtendedAttribute(FileDescriptor file, ReadOnlySpan<byte> attribute)
    {
        fixed (byte* name = ByteName.From(attribute))
        {
            if (Libc.Fremovexattr(file.Number, name) < 0 && Marshal.GetLastPInvokeError() != Errno.NoData)
            {
                throw Error($"remove the attribute '{ByteName.ToDisplay(attribute)}' of", file.Path);
            }
        }
    }

    /// <summary>As the other overload by path; symbolic links are not followed.</summary>
    /// <exception cref="StoreIOException"/>
    public static void RemoveExtendedAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> attribute)
    {
        fixed (byte* file = Terminated(path), name = ByteName.From(attribute))
        {
            if (Libc.Lremovexattr(file, name) < 0 && Marshal.GetLastPInvokeError() != Errno.NoData)
            {
                throw Error($"remove the attribute '{ByteName.ToDisplay(attribute)}' of", ByteName.ToDisplay(path));
            }
        }
    }

    /// <summary>Takes the immutable and append-only attributes (chattr +i, +a) from an open file.</summary>
    /// <exception cref="StoreIOException">Also when the privilege CAP_LINUX_IMMUTABLE is missing.</exception>
    public static void ClearImmutable(FileDescriptor file)
    {
        // FS_IOC_GETFLAGS and FS_IOC_SETFLAGS of linux/fs.h: declared with a long, used with an int.
        const uint getFlags = 0x80086601;
        const uint setFlags = 0x40086602;
        const long immutableOrAppend = 0x10 | 0x20;
        long flags = 0;
        Check(Libc.Ioctl(file.Number, getFlags, &flags), "read the attributes of", file.Path);
        flags &= ~immutableOrAppend;
        Check(Libc.Ioctl(file.Number, setFlags, &flags), "clear the immutable attribute of", file.Path);
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> list)
    {
        var names = new List<byte[]>();
        while (list.IndexOf((byte)0) is var end and >= 0)
        {
            names.Add(list[..end].ToArray());
            list = list[(end + 1)..];
        }

        return names;
    }

    /// <summary>Sets an extended attribute of an open file or directory.</summary>
    /// <exception cref="StoreIOException"/>
    public static void SetAttribute(FileDescriptor file, string attribute, ReadOnlySpan<byte> value)
    {
        fixed (byte* name = ByteName.From(attribute), bytes = value)
        {
            Check(Libc.Fsetxattr(file.Number, name, bytes, value.Length, 0), $"set the attribute '{attribute}' of", file.Path);
        }
    }

    private static IReadOnlyList<byte[]> NoAttributes(string path)
        => Marshal.GetLastPInvokeError() is Errno.NotSupported ? [] : throw Error("list the attributes of", path);

    /// <summary>The two times of utimensat: leave the access time (UTIME_OMIT), set the modification time.</summary>
    private static void FillTimes(Libc.TimeSpec* times, long modification)
    {
        const long omit = (1L << 30) - 2;
        times[0] = new Libc.TimeSpec { Nanoseconds = omit };
        times[1] = new Libc.TimeSpec { Seconds = modification };
    }
}
