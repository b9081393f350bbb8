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

    /// <summary>Makes it what the store has at a path, in the place of what lies there without being registered, after a crash say.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">OverlayNotRemounted</exception>
    internal void MoveInto(WritableStore store, StorePath path) => store.Place(_staging, Name, path);

    /// <inheritdoc/>
    public void Dispose() => _staging.Dispose();
}
