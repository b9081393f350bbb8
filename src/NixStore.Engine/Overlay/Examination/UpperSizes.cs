using NixStore.Engine.Database;
using NixStore.Engine.Ledger;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Whether paths of the upper layer are whole, by the size of the archive that their files make: no contents are read.</summary>
internal sealed class UpperSizes(ExaminedOverlay store) : IDisposable
{
    private readonly Lazy<StoreDatabase> _rows = new(() => StoreDatabase.OpenForReading(store.Store));
    private readonly Lazy<TreeLooker> _looker = new(() => new TreeLooker(store.Store with { RealDirectory = store.Overlay.UpperLayer }));

    /// <summary>True when a path has the registered size, or none is registered to compare with.</summary>
    /// <exception cref="NixStoreException"/>
    internal bool IsWhole(string name) => _rows.Value.Find(store.Full(name))?.NarSize is not { } size
        || !_looker.Value.Look(StorePath.Parse(name), store.Cancellation) || _looker.Value.Record.ComputeNarSize() == size;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_rows.IsValueCreated)
        {
            _rows.Value.Dispose();
        }

        if (_looker.IsValueCreated)
        {
            _looker.Value.Dispose();
        }
    }
}
