using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trash;

namespace NixStore.Engine.Collection;

/// <summary>Moves things into the trash, each by one rename.</summary>
internal sealed class TrashRemoval : IRemoval
{
    private readonly TrashVolume _volume;
    private readonly FileDescriptor _directory;

    /// <summary>Opens the trash for a collection.</summary>
    /// <exception cref="NixStoreException">TrashOnOtherFileSystem</exception>
    /// <exception cref="StoreIOException"/>
    internal TrashRemoval(StoreLocation store, string id)
    {
        _volume = TrashVolume.Open(store);
        _directory = _volume.TryOpenCollection(id, make: true)!;
        Trash = $"{TrashVolume.DirectoryOf(store)}/{id}";
    }

    /// <inheritdoc/>
    public FileDescriptor Store => _volume.Store;

    /// <inheritdoc/>
    public string? Trash { get; }

    /// <inheritdoc/>
    public CollectionOutcome Outcome => CollectionOutcome.Trashed;

    /// <inheritdoc/>
    public void Remove(Doomed thing)
    {
        if (thing.Item.Entry is { IsLockFile: true })
        {
            // Whoever waits for the lock must find that the file is gone, not that it has moved.
            thing.Tree.Remove(Store);
            return;
        }

        TrashVolume.Move(Store, _directory, thing.Item.FileName);
    }

    /// <inheritdoc/>
    public bool IsUntouched(Doomed thing) => true;

    public void Dispose()
    {
        _directory.Dispose();
        _volume.Dispose();
    }
}
