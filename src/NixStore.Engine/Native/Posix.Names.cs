using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

public static unsafe partial class Posix
{
    private const uint RenameNoReplace = 1;
    private const uint RenameExchange = 2;

    /// <summary>Makes a directory.</summary>
    /// <exception cref="StoreIOException"/>
    public static void MkdirAt(FileDescriptor directory, ReadOnlySpan<byte> name, int mode)
    {
        fixed (byte* pointer = Terminated(name))
        {
            Check(Libc.MkdirAt(directory.Number, pointer, (uint)mode), "make the directory", directory.Combine(name));
        }
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <exception cref="StoreIOException"/>
    public static void SymlinkAt(ReadOnlySpan<byte> target, FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* to = Terminated(target), pointer = Terminated(name))
        {
            Check(Libc.SymlinkAt(to, directory.Number, pointer), "make the symbolic link", directory.Combine(name));
        }
    }

    /// <summary>Makes a hard link.</summary>
    /// <exception cref="StoreIOException"/>
    public static void LinkAt(FileDescriptor fromDirectory, ReadOnlySpan<byte> from, FileDescriptor toDirectory, ReadOnlySpan<byte> to)
    {
        fixed (byte* source = Terminated(from), target = Terminated(to))
        {
            Check(Libc.LinkAt(fromDirectory.Number, source, toDirectory.Number, target, 0), "make the hard link", toDirectory.Combine(to));
        }
    }

    /// <summary>Removes a name that is no directory.</summary>
    /// <exception cref="StoreIOException"/>
    public static void UnlinkAt(FileDescriptor directory, ReadOnlySpan<byte> name) => Remove(directory, name, 0);

    /// <summary>Removes an empty directory.</summary>
    /// <exception cref="StoreIOException"/>
    public static void RmdirAt(FileDescriptor directory, ReadOnlySpan<byte> name) => Remove(directory, name, AtRemoveDirectory);

    /// <summary>Renames; an existing target is replaced.</summary>
    /// <exception cref="StoreIOException"/>
    public static void RenameAt(FileDescriptor fromDirectory, ReadOnlySpan<byte> from, FileDescriptor toDirectory, ReadOnlySpan<byte> to)
        => Rename(fromDirectory, from, toDirectory, to, 0, "rename to");

    /// <summary>Renames; fails with <see cref="Errno.Exists"/> when the target is there.</summary>
    /// <exception cref="StoreIOException"/>
    public static void RenameNoReplaceAt(FileDescriptor fromDirectory, ReadOnlySpan<byte> from, FileDescriptor toDirectory, ReadOnlySpan<byte> to)
        => Rename(fromDirectory, from, toDirectory, to, RenameNoReplace, "rename to");

    /// <summary>Exchanges two names atomically: at no moment is either missing.</summary>
    /// <exception cref="StoreIOException"/>
    public static void ExchangeAt(FileDescriptor oneDirectory, ReadOnlySpan<byte> one, FileDescriptor otherDirectory, ReadOnlySpan<byte> other)
        => Rename(oneDirectory, one, otherDirectory, other, RenameExchange, "exchange with");

    private static void Rename(
        FileDescriptor fromDirectory, ReadOnlySpan<byte> from, FileDescriptor toDirectory, ReadOnlySpan<byte> to, uint flags, string verb)
    {
        fixed (byte* source = Terminated(from), target = Terminated(to))
        {
            if (Libc.RenameAt2(fromDirectory.Number, source, toDirectory.Number, target, flags) < 0)
            {
                throw new StoreIOException($"{verb} '{toDirectory.Combine(to)}'", fromDirectory.Combine(from), Marshal.GetLastPInvokeError());
            }
        }
    }

    private static void Remove(FileDescriptor directory, ReadOnlySpan<byte> name, int flags)
    {
        fixed (byte* pointer = Terminated(name))
        {
            Check(Libc.UnlinkAt(directory.Number, pointer, flags), "remove", directory.Combine(name));
        }
    }
}
