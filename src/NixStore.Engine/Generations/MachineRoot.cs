using System.Runtime.InteropServices;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Generations;

/// <summary>
/// The machine that a store belongs to: this one, or the one whose file system lies below the store's root. What is opened below such a
/// root stays there, whatever its symbolic links say (openat2(2) with RESOLVE_IN_ROOT).
/// </summary>
internal sealed class MachineRoot
{
    // The numbers are the same on every architecture.
    private const nint OpenAt2Call = 437;
    private const ulong ResolveInRoot = 0x10;

    private MachineRoot(string prefix, bool hasUsers)
    {
        Prefix = prefix;
        HasUsers = hasUsers;
    }

    /// <summary>What this machine puts before a path of that machine: empty, or the root without a slash at its end.</summary>
    internal string Prefix { get; }

    /// <summary>False for a store that is on no machine: there are no homes and no running system that would use it.</summary>
    internal bool HasUsers { get; }

    /// <summary>The machine of a store.</summary>
    internal static MachineRoot Of(StoreLocation store)
    {
        var root = StoreUrl.Parse(store.Url).Parameters.GetValueOrDefault("root")?.TrimEnd('/') ?? "";
        return new MachineRoot(root, root.Length > 0 || store.RealDirectory == store.Directory.Path);
    }

    /// <summary>Opens a directory for changes or for nothing but its names.</summary>
    /// <param name="path">As it is called on this machine.</param>
    /// <exception cref="StoreIOException"/>
    internal FileDescriptor OpenDirectory(string path)
        => TryOpen(path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, out var error) ?? throw new StoreIOException("open", path, error);

    /// <summary>Opens a directory such that looking at what is in it leaves no trace; null and errno when it cannot be opened.</summary>
    internal FileDescriptor? TryLookInto(string path, out int error)
    {
        using var handle = TryOpen(path, OpenFlags.PathOnly | OpenFlags.Directory, out error);
        if (handle is null)
        {
            return null;
        }

        try
        {
            return QuietDirectory.Open(handle);
        }
        catch (StoreIOException failure)
        {
            error = failure.ErrorNumber;
            return null;
        }
    }

    /// <summary>Where a symbolic link points; null when there is none that can be read.</summary>
    internal string? TryReadLink(string path)
    {
        using var directory = TryLookInto(Path.GetDirectoryName(path)!, out _);
        try
        {
            return directory is not null && GenerationName.TryDecode(Posix.ReadLinkAt(directory, ByteName.From(Path.GetFileName(path))), out var target)
                ? target : null;
        }
        catch (StoreIOException)
        {
            return null;
        }
    }

    /// <summary>A whole small file; null when it cannot be read.</summary>
    internal byte[]? TryReadFile(string path)
    {
        using var file = TryOpen(path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoAccessTime, out _);
        return file is not null && Posix.Status(file).Type == FileType.Regular ? Posix.ReadAll(file) : null;
    }

    private unsafe FileDescriptor? TryOpen(string path, int flags, out int error)
    {
        if (Prefix.Length == 0 || !path.StartsWith(Prefix + "/", StringComparison.Ordinal))
        {
            return Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), flags, 0, out error);
        }

        using var root = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(Prefix), OpenFlags.PathOnly | OpenFlags.Directory, 0, out error);
        if (root is null)
        {
            return null;
        }

        fixed (byte* name = ByteName.From(path[Prefix.Length..]))
        {
            for (; ; )
            {
                var how = new OpenHow { Flags = (ulong)(flags | OpenFlags.CloseOnExec), Resolve = ResolveInRoot };
                var number = Libc.SystemCall(OpenAt2Call, root.Number, (nint)name, (nint)(&how), sizeof(OpenHow), 0);
                if (number >= 0)
                {
                    return new FileDescriptor((int)number, path);
                }

                error = Marshal.GetLastPInvokeError();
                if (error == Errno.NotPermitted && (flags & OpenFlags.NoAccessTime) != 0)
                {
                    // A privilege of the owner; looking must still work for others.
                    flags &= ~OpenFlags.NoAccessTime;
                }
                else if (error is not (Errno.Interrupted or Errno.Again))
                {
                    // A path that changes while it is walked is walked again; anything else stays as it is.
                    return null;
                }
            }
        }
    }

    /// <summary>struct open_how of linux/openat2.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }
}
