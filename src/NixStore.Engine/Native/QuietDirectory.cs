using System.Globalization;
using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>
/// Opens a directory for looking, such that nothing read below it gets a new access time. For files and directories O_NOATIME does that; for
/// the target of a symbolic link there is no such flag, only a mount without access times. So the mount is cloned
/// (<see cref="MountClone"/>), and the clone alone is told not to write access times (mount_setattr(2)).
/// </summary>
/// <remarks>Without the privilege to do so the directory is opened as it is; then reading a link counts as an access, as for everybody else.</remarks>
internal static unsafe class QuietDirectory
{
    private const ulong NoAccessTime = 0x10;
    private const ulong AnyAccessTime = 0x70;

    // The number is the same on every architecture.
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
        using var mount = MountClone.TryMake(path, MountClone.Recursive);
        return mount is not null && TrySilence(mount) ? MountClone.TryOpenTop(mount, displayed) : null;
    }

    private static bool TrySilence(FileDescriptor mount)
    {
        fixed (byte* empty = "\0"u8)
        {
            var attributes = new MountAttributes { Set = NoAccessTime, Clear = AnyAccessTime };
            return Libc.SystemCall(MountSetAttributesCall, mount.Number, (nint)empty, (nint)(Posix.AtEmptyPath | MountClone.Recursive),
                (nint)(&attributes), sizeof(MountAttributes)) == 0;
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
