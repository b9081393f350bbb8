using System.Globalization;
using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>
/// Opens a directory for looking, such that nothing read below it gets a new access time. For files and directories O_NOATIME does that; for
/// the target of a symbolic link there is no such flag, only a mount without access times. So the mount is cloned into nobody's namespace
/// (open_tree(2)), and the clone alone is told not to write access times (mount_setattr(2)). It goes when the descriptor is closed.
/// </summary>
/// <remarks>Without the privilege to do so the directory is opened as it is; then reading a link counts as an access, as for everybody else.</remarks>
internal static unsafe class QuietDirectory
{
    private const int AtWorkingDirectory = -100;
    private const uint AtRecursive = 0x8000;
    private const uint Clone = 1;
    private const ulong NoAccessTime = 0x10;
    private const ulong AnyAccessTime = 0x70;

    // The numbers are the same on every architecture.
    private const nint OpenTreeCall = 428;
    private const nint MountSetAttributesCall = 442;

    /// <summary>Opens a directory.</summary>
    /// <exception cref="StoreIOException"/>
    internal static FileDescriptor Open(string path)
        => TryOpenClone(path, path) ?? Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);

    /// <summary>Opens for looking the directory that a handle stands for, wherever its name leads by now.</summary>
    /// <exception cref="StoreIOException"/>
    internal static FileDescriptor Open(FileDescriptor handle)
        => TryOpenClone(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.Number}"), handle.Path)
            ?? Posix.OpenAt(handle, ".\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);

    private static FileDescriptor? TryOpenClone(string path, string displayed)
    {
        using var mount = TryCloneMount(path);
        if (mount is null)
        {
            return null;
        }

        fixed (byte* self = ".\0"u8)
        {
            var directory = Libc.OpenAt(mount.Number, self, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            return directory >= 0 ? new FileDescriptor(directory, displayed) : null;
        }
    }

    private static FileDescriptor? TryCloneMount(string path)
    {
        fixed (byte* name = ByteName.From(path), empty = "\0"u8)
        {
            var clone = Libc.SystemCall(OpenTreeCall, AtWorkingDirectory, (nint)name, (nint)(Clone | AtRecursive | OpenFlags.CloseOnExec), 0, 0);
            if (clone < 0)
            {
                return null;
            }

            var mount = new FileDescriptor((int)clone, path);
            var attributes = new MountAttributes { Set = NoAccessTime, Clear = AnyAccessTime };
            if (Libc.SystemCall(MountSetAttributesCall, mount.Number, (nint)empty, (nint)(Posix.AtEmptyPath | AtRecursive),
                (nint)(&attributes), sizeof(MountAttributes)) == 0)
            {
                return mount;
            }

            mount.Dispose();
            return null;
        }
    }

    /// <summary>struct mount_attr of linux/mount.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttributes
    {
        internal ulong Set;
        internal ulong Clear;
        internal ulong Propagation;
        internal ulong UserNamespace;
    }
}
