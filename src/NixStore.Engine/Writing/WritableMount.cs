using NixStore.Engine.Native;

namespace NixStore.Engine.Writing;

/// <summary>
/// Opens the store directory for writing where it is a read-only bind mount, as on NixOS: in a private mount namespace the mount is made
/// writable, with its other flags kept, and nobody else sees it (DOMAIN H26; Nix libstore/local-store.cc:makeStoreWritable,
/// libutil/linux/linux-namespaces.cc:tryEnterPrivateMountNamespace).
/// </summary>
/// <remarks>
/// A descriptor remembers the mount it was opened through. So one short-lived thread enters the namespace (which concerns that thread
/// alone), opens the directory there, and every thread can write through the descriptor.
/// </remarks>
internal static unsafe class WritableMount
{
    private const int NewMountNamespace = 0x20000;
    private const nuint Remount = 32;
    private const nuint Bind = 4096;
    private const nuint Recursive = 16384;
    private const nuint Private = 1 << 18;
    private const nuint ReadOnlyFlag = 1;

    /// <summary>Opens a directory such that names in it can be made, renamed and removed.</summary>
    /// <exception cref="StoreIOException">ReadOnlyFileSystem: the file system itself is read-only, or the mount may not be changed.</exception>
    internal static FileDescriptor OpenDirectory(string path)
    {
        var directory = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        var status = Posix.FileSystemStatus(directory);
        if (!status.IsReadOnly)
        {
            return directory;
        }

        directory.Dispose();
        FileDescriptor? writable = null;
        StoreIOException? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                writable = OpenInPrivateNamespace(path, status.MountFlags & ~ReadOnlyFlag);
            }
            catch (StoreIOException error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return writable ?? throw failure!;
    }

    private static FileDescriptor OpenInPrivateNamespace(string path, nuint keptFlags)
    {
        if (Libc.Unshare(NewMountNamespace) < 0)
        {
            throw ReadOnly(path);
        }

        fixed (byte* none = "none\0"u8, root = "/\0"u8, target = ByteName.From(path))
        {
            if (Libc.Mount(none, root, null, Private | Recursive, null) < 0 || Libc.Mount(none, target, null, Remount | Bind | keptFlags, null) < 0)
            {
                throw ReadOnly(path);
            }
        }

        var directory = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (!Posix.FileSystemStatus(directory).IsReadOnly)
        {
            return directory;
        }

        directory.Dispose();
        throw new StoreIOException("write to", path, Errno.ReadOnlyFileSystem);
    }

    private static StoreIOException ReadOnly(string path) => new("remount, to write to it,", path, Errno.ReadOnlyFileSystem);
}
