using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>Calls that fail as a matter of course where processes come and go: errno instead of an exception.</summary>
public static unsafe partial class Posix
{
    private const nint OpenAt2Call = 437;
    private const ulong ResolveInRoot = 0x10;

    /// <summary>True when this process may write to a file, its mount being writable; false also when there is none.</summary>
    public static bool MayWrite(string path)
    {
        const int write = 2;
        const int asEffectiveUser = 0x200;
        fixed (byte* name = ByteName.From(path))
        {
            return Libc.AccessAt(FileDescriptor.WorkingDirectory.Number, name, write, asEffectiveUser) == 0;
        }
    }

    /// <summary>Reads the target of a symbolic link; its length, or -1 and errno. What does not fit is cut off.</summary>
    public static int TryReadLinkAt(FileDescriptor directory, ReadOnlySpan<byte> name, Span<byte> target, out int error)
    {
        fixed (byte* pointer = Terminated(name), buffer = target)
        {
            var length = (int)Libc.ReadLinkAt(directory.Number, pointer, buffer, target.Length);
            error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
            return length;
        }
    }

    /// <summary>As <see cref="Read"/>; -1 and errno when it fails.</summary>
    public static int TryRead(FileDescriptor file, Span<byte> buffer, out int error)
    {
        fixed (byte* pointer = buffer)
        {
            nint count;
            do
            {
                count = Libc.Read(file.Number, pointer, buffer.Length);
                error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error == Errno.Interrupted);

            return (int)count;
        }
    }

    /// <summary>
    /// Opens an absolute path as one would whose root directory is <paramref name="root"/>: no symbolic link on the way and no <c>..</c> leads out
    /// of it (openat2(2), RESOLVE_IN_ROOT; Linux 5.6). Null and errno when it fails. CLOEXEC is always set.
    /// </summary>
    public static FileDescriptor? TryOpenInRoot(FileDescriptor root, ReadOnlySpan<byte> path, int flags, out int error)
    {
        // struct open_how: flags, mode, resolve
        var how = stackalloc ulong[3] { (ulong)(uint)(flags | OpenFlags.CloseOnExec), 0, ResolveInRoot };
        fixed (byte* pointer = Terminated(path))
        {
            nint descriptor;
            do
            {
                // EAGAIN: something was renamed meanwhile, and the kernel cannot tell whether a .. led out.
                descriptor = Libc.SystemCall(OpenAt2Call, root.Number, (nint)pointer, (nint)how, 3 * sizeof(ulong), 0);
                error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error is Errno.Interrupted or Errno.Again);

            return descriptor < 0 ? null : new FileDescriptor((int)descriptor, root.Path + ByteName.ToDisplay(path));
        }
    }
}
