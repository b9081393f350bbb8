using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Collection;

/// <summary>Deletes.</summary>
internal sealed class Deletion(StoreLocation store) : IRemoval
{
    /// <inheritdoc/>
    public FileDescriptor Store { get; } = WritableMount.OpenDirectory(store.RealDirectory);

    /// <inheritdoc/>
    public string? Trash => null;

    /// <inheritdoc/>
    public CollectionOutcome Outcome => CollectionOutcome.Deleted;

    /// <inheritdoc/>
    public void Remove(Doomed thing) => thing.Tree.Remove(Store);

    /// <inheritdoc/>
    public bool IsUntouched(Doomed thing) => !thing.Tree.RemovedAny;

    public void Dispose() => Store.Dispose();
}
