using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Writing;

/// <summary>Moves a store object from one directory of a file system to another one.</summary>
internal static class TreeMove
{
    private const int WritableDirectory = 0b111_101_101;

    /// <summary>Renames.</summary>
    /// <param name="from">The directory it is in.</param>
    /// <param name="name">Its NUL-terminated name there.</param>
    /// <param name="to">The directory it is to be in.</param>
    /// <param name="target">The NUL-terminated name that it gets there.</param>
    /// <param name="replaces">What lies there is exchanged with it; otherwise it is an error.</param>
    /// <exception cref="StoreIOException">With <see cref="Errno.Exists"/> or <see cref="Errno.CrossDevice"/>, among others.</exception>
    internal static void Move(FileDescriptor from, byte[] name, FileDescriptor to, byte[] target, bool replaces)
    {
        var isDirectory = Posix.StatusAt(from, name).Type == FileType.Directory;
        try
        {
            Rename(from, name, to, target, isDirectory, replaces);
        }
        finally
        {
            if (isDirectory && Posix.EffectiveUserId != 0)
            {
                MakeCanonical(to, target);
                MakeCanonical(from, name);
            }
        }
    }

    private static void Rename(FileDescriptor from, byte[] name, FileDescriptor to, byte[] target, bool isDirectory, bool replaces)
    {
        // Moving a directory changes its "..", for which only root needs no permission to write.
        MakeMovable(from, name, isDirectory);
        try
        {
            Posix.RenameNoReplaceAt(from, name, to, target);
        }
        catch (StoreIOException error) when (replaces && error.ErrorNumber == Errno.Exists)
        {
            MakeMovable(to, target, Posix.StatusAt(to, target).Type == FileType.Directory);
            Posix.ExchangeAt(from, name, to, target);
        }
    }

    private static void MakeMovable(FileDescriptor parent, byte[] name, bool isDirectory)
    {
        if (isDirectory && Posix.EffectiveUserId != 0)
        {
            Posix.FchmodAt(parent, name, WritableDirectory);
        }
    }

    private static void MakeCanonical(FileDescriptor parent, byte[] name)
    {
        if (Posix.TryStatusAt(parent, name, out var status, out _) && status.Type == FileType.Directory)
        {
            Posix.FchmodAt(parent, name, CanonicalMetadata.ExecutableMode);
        }
    }
}
