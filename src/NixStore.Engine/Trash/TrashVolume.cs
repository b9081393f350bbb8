using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Trash;

/// <summary>
/// A store directory and the trash beside it, opened so that names can be moved between them: <c>&lt;parent of the store&gt;/.nixstore-trash/</c>.
/// Never in the store directory, where every collector would delete it.
/// </summary>
internal sealed class TrashVolume : IDisposable
{
    private const string Name = ".nixstore-trash";
    private const int Private = 0b111_000_000;
    private readonly FileDescriptor _trash;

    private TrashVolume(FileDescriptor store, FileDescriptor trash) => (Store, _trash) = (store, trash);

    /// <summary>The open, writable store directory.</summary>
    internal FileDescriptor Store { get; }

    /// <summary>Where the trash of a store is.</summary>
    internal static string DirectoryOf(StoreLocation store) => $"{Path.GetDirectoryName(store.RealDirectory)}/{Name}";

    /// <summary>Opens both; makes the trash where there is none.</summary>
    /// <exception cref="NixStoreException">TrashOnOtherFileSystem</exception>
    /// <exception cref="StoreIOException"/>
    internal static TrashVolume Open(StoreLocation store)
    {
        var parentPath = Path.GetDirectoryName(store.RealDirectory)!;
        using var parent = MountClone.TryOpen(parentPath) ?? Posix.Open(parentPath, OpenFlags.ReadOnly | OpenFlags.Directory);
        if (!Posix.TryStatus(store.RealDirectory, out var expected, out var error))
        {
            throw new StoreIOException("open", store.RealDirectory, error);
        }

        var directory = Posix.TryOpenAt(parent, ByteName.From(Path.GetFileName(store.RealDirectory)), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _);
        FileDescriptor? trash = null;
        try
        {
            if (directory is null || !Posix.Status(directory).IsSameFile(expected))
            {
                throw new NixStoreException("TrashOnOtherFileSystem", StoreErrorKind.NotSupported,
                    $"'{store.RealDirectory}' is a file system of its own, so what is in it cannot be moved to the trash in '{parentPath}'.",
                    store.RealDirectory, "Collect without -Trash.");
            }

            trash = MakeAndOpen(parent, Name);
            var opened = new TrashVolume(directory, trash);
            (directory, trash) = (null, null);
            return opened;
        }
        finally
        {
            directory?.Dispose();
            trash?.Dispose();
        }
    }

    /// <summary>The directory of one collection; null when there is none and <paramref name="make"/> is false.</summary>
    /// <exception cref="StoreIOException"/>
    internal FileDescriptor? TryOpenCollection(string id, bool make) => make ? MakeAndOpen(_trash, id)
        : Posix.TryOpenAt(_trash, ByteName.From(id), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error)
            ?? (error == Errno.NoEntry ? null : throw new StoreIOException("open", _trash.Combine(ByteName.From(id)), error));

    /// <summary>Removes the directory of one collection, with what an interrupted clearing has left in it.</summary>
    /// <exception cref="StoreIOException"/>
    internal void RemoveCollection(string id) => Archive.TreeRemover.Remove(_trash, ByteName.From(id));

    /// <summary>Moves a name; what is there already is not replaced.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Move(FileDescriptor from, FileDescriptor to, ReadOnlySpan<byte> name)
    {
        try
        {
            Posix.RenameNoReplaceAt(from, name, to, name);
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.Invalid && !Posix.TryStatusAt(to, name, out _, out _))
        {
            // A file system that cannot promise it; nobody else moves things here.
            Posix.RenameAt(from, name, to, name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _trash.Dispose();
    }

    private static FileDescriptor MakeAndOpen(FileDescriptor parent, string name)
    {
        var bytes = ByteName.From(name);
        if (!Posix.TryStatusAt(parent, bytes, out _, out _))
        {
            Posix.MkdirAt(parent, bytes, Private);
            Posix.Fsync(parent);
        }

        return Posix.OpenAt(parent, bytes, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
    }
}
