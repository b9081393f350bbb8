using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Transfer;

/// <summary>
/// New contents in a staging directory: canonical, durable and hashed, but not a store object yet. Disposal removes what has not been moved.
/// </summary>
internal sealed class StagedTree : IDisposable
{
    private const int WritableDirectory = 0b111_101_101;

    private readonly StagingDirectory _staging;

    private StagedTree(StagingDirectory staging, byte[] name, NarHash nar)
    {
        _staging = staging;
        Name = name;
        Nar = nar;
    }

    /// <summary>The open staging directory.</summary>
    internal FileDescriptor Directory => _staging.Directory;

    /// <summary>NUL-terminated name in it.</summary>
    internal byte[] Name { get; }

    /// <summary>What was restored.</summary>
    internal NarHash Nar { get; }

    /// <summary>Restores an archive into a staging directory of the store.</summary>
    /// <exception cref="NarFormatException"/>
    /// <exception cref="StoreIOException"/>
    internal static StagedTree Restore(WritableStore store, Stream nar, CancellationToken cancellation)
    {
        var staging = store.Stage();
        try
        {
            var name = staging.NewName();
            var restored = NarRestorer.Restore(nar, staging.Directory, name, store.RestoreOptions, cancellation);
            return new StagedTree(staging, name, restored.Hash);
        }
        catch
        {
            staging.Dispose();
            throw;
        }
    }

    /// <summary>Opens the tree when it is a regular file; null otherwise.</summary>
    /// <exception cref="StoreIOException"/>
    internal FileDescriptor? OpenFile() => Posix.StatusAt(Directory, Name).Type == FileType.Regular
        ? Posix.OpenAt(Directory, Name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime) : null;

    /// <summary>
    /// Renames the tree into the store. What lies there without being registered, after a crash say, is exchanged with it and removed
    /// afterwards, so that at no moment a mixture of both is there. The caller holds the path's lock.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    internal void MoveInto(FileDescriptor store, StorePath path)
    {
        var target = ByteName.From(path.BaseName);
        var isDirectory = Posix.StatusAt(Directory, Name).Type == FileType.Directory;
        try
        {
            Rename(store, target, isDirectory);
        }
        finally
        {
            if (isDirectory && Posix.EffectiveUserId != 0 && Posix.TryStatusAt(store, target, out var status, out _)
                && status.Type == FileType.Directory)
            {
                Posix.FchmodAt(store, target, CanonicalMetadata.ExecutableMode);
            }
        }

        Posix.Fsync(store);
    }

    /// <inheritdoc/>
    public void Dispose() => _staging.Dispose();

    private void Rename(FileDescriptor store, byte[] target, bool isDirectory)
    {
        // Moving a directory changes its "..", for which only root needs no permission to write.
        MakeMovable(Directory, Name, isDirectory);
        try
        {
            Posix.RenameNoReplaceAt(Directory, Name, store, target);
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.Exists)
        {
            MakeMovable(store, target, Posix.StatusAt(store, target).Type == FileType.Directory);
            Posix.ExchangeAt(Directory, Name, store, target);
        }
    }

    private static void MakeMovable(FileDescriptor parent, byte[] name, bool isDirectory)
    {
        if (isDirectory && Posix.EffectiveUserId != 0)
        {
            Posix.FchmodAt(parent, name, WritableDirectory);
        }
    }
}
