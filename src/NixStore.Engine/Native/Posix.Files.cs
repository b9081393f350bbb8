using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>
/// libc on descriptors and byte names, with errno turned into <see cref="StoreIOException"/>. Names are NUL-terminated spans
/// (see <see cref="ByteName"/>); nothing here follows a symbolic link in the last component unless it says so.
/// </summary>
public static unsafe partial class Posix
{
    internal const int AtSymlinkNoFollow = 0x100;
    internal const int AtRemoveDirectory = 0x200;
    internal const int AtEmptyPath = 0x1000;
    internal const int AtStatxDontSync = 0x4000;
    internal const uint StatxBasic = 0x7ff;

    /// <summary>Opens a name in a directory. CLOEXEC is always set.</summary>
    /// <exception cref="StoreIOException"/>
    public static FileDescriptor OpenAt(FileDescriptor directory, ReadOnlySpan<byte> name, int flags, int mode = 0)
        => TryOpenAt(directory, name, flags, mode, out var error)
            ?? throw new StoreIOException("open", directory.Combine(name), error);

    /// <summary>Opens a path. CLOEXEC is always set.</summary>
    /// <exception cref="StoreIOException"/>
    public static FileDescriptor Open(string path, int flags, int mode = 0)
        => OpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), flags, mode);

    /// <summary>As <see cref="OpenAt"/>; null and errno when it fails.</summary>
    public static FileDescriptor? TryOpenAt(FileDescriptor directory, ReadOnlySpan<byte> name, int flags, int mode, out int error)
    {
        error = 0;
        fixed (byte* pointer = Terminated(name))
        {
            int descriptor;
            do
            {
                descriptor = Libc.OpenAt(directory.Number, pointer, flags | OpenFlags.CloseOnExec, (uint)mode);
            }
            while (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            if (descriptor < 0)
            {
                error = Marshal.GetLastPInvokeError();

                // O_NOATIME is a privilege of the owner; looking must still work for others.
                return error == Errno.NotPermitted && (flags & OpenFlags.NoAccessTime) != 0
                    ? TryOpenAt(directory, name, flags & ~OpenFlags.NoAccessTime, mode, out error)
                    : null;
            }

            return new FileDescriptor(descriptor, directory, name);
        }
    }

    /// <summary>Reads up to the length of <paramref name="buffer"/>; 0 at the end.</summary>
    /// <exception cref="StoreIOException"/>
    public static int Read(FileDescriptor file, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            nint count;
            do
            {
                count = Libc.Read(file.Number, pointer, buffer.Length);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            return count >= 0 ? (int)count : throw Error("read", file.Path);
        }
    }

    /// <summary>Reads at an offset without moving the file's position.</summary>
    /// <exception cref="StoreIOException"/>
    public static int Pread(FileDescriptor file, Span<byte> buffer, long offset)
    {
        fixed (byte* pointer = buffer)
        {
            nint count;
            do
            {
                count = Libc.Pread(file.Number, pointer, buffer.Length, offset);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);

            return count >= 0 ? (int)count : throw Error("read", file.Path);
        }
    }

    /// <summary>Reads a whole small file.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">FileTooLarge</exception>
    public static byte[] ReadAll(FileDescriptor file, int limit = 64 << 20)
    {
        // One byte more than allowed, so that a file of just the limit is told from a larger one.
        var longest = (long)limit + 1;
        var buffer = new byte[Math.Min(Math.Max(Status(file).Size + 1, 4096), longest)];
        var length = 0;
        for (; ; )
        {
            if (length == buffer.Length)
            {
                if (length > limit)
                {
                    throw new NixStoreException("FileTooLarge", StoreErrorKind.InvalidData,
                        $"'{file.Path}' is larger than {limit} bytes, which nothing of its kind should be.", file.Path);
                }

                Array.Resize(ref buffer, (int)Math.Min((long)length * 2, longest));
            }

            var count = Read(file, buffer.AsSpan(length));
            if (count == 0)
            {
                return buffer.AsSpan(0, length).ToArray();
            }

            length += count;
        }
    }

    /// <summary>Writes everything.</summary>
    /// <exception cref="StoreIOException"/>
    public static void WriteAll(FileDescriptor file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = Libc.Write(file.Number, pointer + done, bytes.Length - done);
                if (count < 0 && Marshal.GetLastPInvokeError() != Errno.Interrupted)
                {
                    throw Error("write", file.Path);
                }

                done += (int)Math.Max(count, 0);
            }
        }
    }

    /// <summary>Cuts or extends a file.</summary>
    /// <exception cref="StoreIOException"/>
    public static void Truncate(FileDescriptor file, long length) => Check(Libc.Ftruncate(file.Number, length), "truncate", file.Path);

    /// <summary>Makes a file's (or directory's) contents and metadata durable.</summary>
    /// <exception cref="StoreIOException"/>
    public static void Fsync(FileDescriptor file) => Check(Libc.Fsync(file.Number), "sync", file.Path);

    /// <summary>Makes everything on the file system of <paramref name="file"/> durable.</summary>
    /// <exception cref="StoreIOException"/>
    public static void Syncfs(FileDescriptor file) => Check(Libc.Syncfs(file.Number), "sync the file system of", file.Path);

    /// <summary>Tells the kernel that a file will be read from front to back.</summary>
    public static void AdviseSequential(FileDescriptor file) => _ = Libc.Fadvise(file.Number, 0, 0, 2);

    /// <summary>Copies bytes between files inside the kernel (reflinks where the file system can), from the start of both.</summary>
    /// <exception cref="StoreIOException"/>
    public static void CopyContents(FileDescriptor source, FileDescriptor target, long length)
    {
        long from = 0, to = 0;
        while (from < length)
        {
            var count = Libc.CopyFileRange(source.Number, &from, target.Number, &to, (nint)Math.Min(length - from, 1 << 30), 0);
            if (count < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.Interrupted)
                {
                    continue;
                }

                if (error is Errno.CrossDevice or Errno.Invalid or Errno.NotSupported && from == 0)
                {
                    CopyThroughBuffer(source, target);
                    return;
                }

                throw new StoreIOException($"copy '{source.Path}' to", target.Path, error);
            }

            if (count == 0)
            {
                return;
            }
        }
    }

    private static void CopyThroughBuffer(FileDescriptor source, FileDescriptor target)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1 << 18);
        try
        {
            long offset = 0;
            for (int count; (count = Pread(source, buffer, offset)) > 0; offset += count)
            {
                WriteAll(target, buffer.AsSpan(0, count));
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlySpan<byte> Terminated(ReadOnlySpan<byte> name)
        => name.Length > 0 && name[^1] == 0 ? name : throw new ArgumentException("A byte name must end with NUL.", nameof(name));

    private static void Check(int result, string operation, string path)
    {
        if (result < 0)
        {
            throw Error(operation, path);
        }
    }

    private static StoreIOException Error(string operation, string path) => new(operation, path, Marshal.GetLastPInvokeError());
}
