using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Transfer;

/// <summary>
/// New contents in a staging directory: canonical, durable and hashed, but not a store object yet. Disposal removes what has not been moved.
/// </summary>
internal sealed class StagedTree : IDisposable
{
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

    /// <summary>
    /// Renames the tree into the store. What lies there without being registered, after a crash say, is exchanged with it and removed
    /// afterwards, so that at no moment a mixture of both is there. The caller holds the path's lock.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    internal void MoveInto(FileDescriptor store, StorePath path)
    {
        TreeMove.Move(Directory, Name, store, ByteName.From(path.BaseName), replaces: true);
        Posix.Fsync(store);
    }

    /// <inheritdoc/>
    public void Dispose() => _staging.Dispose();
}
