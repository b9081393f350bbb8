namespace NixStore.Engine.Native;

/// <summary>
/// Opens a directory through a mount of its own, cloned into nobody's namespace (open_tree(2)); it goes when the descriptor is closed.
/// </summary>
internal static unsafe class MountClone
{
    /// <summary>AT_RECURSIVE: what is mounted below as well.</summary>
    internal const uint Recursive = 0x8000;

    private const int AtWorkingDirectory = -100;
    private const uint Clone = 1;

    // The number is the same on every architecture.
    private const nint OpenTreeCall = 428;

    /// <summary>
    /// Opens a directory through a mount in which nothing is mounted on anything below it: what are two mounts elsewhere, such as /nix and a
    /// read-only /nix/store, is one file system there, and names can be moved from one to the other. Null without the privilege to do so.
    /// </summary>
    internal static FileDescriptor? TryOpen(string path)
    {
        using var mount = TryMake(path, 0);
        return mount is null ? null : TryOpenTop(mount, path);
    }

    /// <summary>Clones the mount that a path is in, from there on; null without the privilege to do so.</summary>
    /// <param name="path">What is to be its top.</param>
    /// <param name="flags"><see cref="Recursive"/> or 0.</param>
    internal static FileDescriptor? TryMake(string path, uint flags)
    {
        fixed (byte* name = ByteName.From(path))
        {
            var clone = Libc.SystemCall(OpenTreeCall, AtWorkingDirectory, (nint)name, (nint)(Clone | flags | OpenFlags.CloseOnExec), 0, 0);
            return clone < 0 ? null : new FileDescriptor((int)clone, path);
        }
    }

    /// <summary>Opens the directory at the top of a clone; null when it cannot be opened.</summary>
    /// <param name="mount">The clone; it may be closed afterwards.</param>
    /// <param name="displayed">The name of the directory in errors.</param>
    internal static FileDescriptor? TryOpenTop(FileDescriptor mount, string displayed)
    {
        fixed (byte* self = ".\0"u8)
        {
            var directory = Libc.OpenAt(mount.Number, self, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            return directory < 0 ? null : new FileDescriptor(directory, displayed);
        }
    }
}
