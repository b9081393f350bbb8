using NixStore.Engine.Native;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Optimisation;

/// <summary>The open directory <c>.links</c> of a store: one name for each contents that the store's files have (STORE-SPEC §1).</summary>
internal sealed class LinksDirectory : IDisposable
{
    private const int Mode = 0b111_101_101;
    private static readonly int s_flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime;

    private LinksDirectory(FileDescriptor store, FileDescriptor? directory)
    {
        Store = store;
        Directory = directory;
        if (directory is not null)
        {
            using var entries = new DirectoryEntries(directory);
            while (entries.MoveNext())
            {
                Inodes.Add(entries.Inode, isProved: false);
            }
        }
    }

    /// <summary>The open store directory.</summary>
    internal FileDescriptor Store { get; }

    /// <summary>The directory; null where there is none and nothing may be made.</summary>
    internal FileDescriptor? Directory { get; }

    /// <summary>The inodes that have a name in it.</summary>
    internal InodeSet Inodes { get; } = new();

    /// <summary>Opens it for changes; made where it is missing, as Nix does on opening a store.</summary>
    /// <exception cref="StoreIOException"/>
    internal static LinksDirectory OpenForWriting(FileDescriptor store)
    {
        var directory = Posix.TryOpenAt(store, ".links\0"u8, s_flags, 0, out var error);
        if (directory is null && error == Errno.NoEntry)
        {
            Posix.MkdirAt(store, ".links\0"u8, Mode);
            directory = Posix.OpenAt(store, ".links\0"u8, s_flags);
        }

        return new LinksDirectory(store, directory ?? throw new StoreIOException("open", store.Combine(".links"u8), error));
    }

    /// <summary>Opens it for looking.</summary>
    /// <exception cref="StoreIOException"/>
    internal static LinksDirectory OpenForReading(FileDescriptor store)
    {
        var directory = Posix.TryOpenAt(store, ".links\0"u8, s_flags, 0, out var error);
        return directory is null && error != Errno.NoEntry
            ? throw new StoreIOException("open", store.Combine(".links"u8), error) : new LinksDirectory(store, directory);
    }

    /// <summary>Gives the names of all entries, NUL-terminated.</summary>
    /// <exception cref="StoreIOException"/>
    internal void ForEach(Action<byte[]> take)
    {
        using var directory = Posix.OpenAt(Store, ".links\0"u8, s_flags);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            take(entries.Name.ToArray());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory?.Dispose();
}
