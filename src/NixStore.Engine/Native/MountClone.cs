namespace NixStore.Engine.Native;

/// <summary>
/// Opens a directory through a mount of its own, in which nothing is mounted on anything below it (open_tree(2)): what are two mounts
/// elsewhere, such as /nix and a read-only /nix/store, is one file system there, and names can be moved from one to the other.
/// </summary>
internal static unsafe class MountClone
{
    private const int AtWorkingDirectory = -100;
    private const uint Clone = 1;

    // The number is the same on every architecture.
    private const nint OpenTreeCall = 428;

    /// <summary>Opens a directory; null without the privilege to do so.</summary>
    internal static FileDescriptor? TryOpen(string path)
    {
        fixed (byte* name = ByteName.From(path), self = ".\0"u8)
        {
            var clone = Libc.SystemCall(OpenTreeCall, AtWorkingDirectory, (nint)name, (nint)(Clone | OpenFlags.CloseOnExec), 0, 0);
            if (clone < 0)
            {
                return null;
            }

            using var mount = new FileDescriptor((int)clone, path);
            var directory = Libc.OpenAt(mount.Number, self, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            return directory < 0 ? null : new FileDescriptor(directory, path);
        }
    }
}
