using NixStore.Engine.Database;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Which hashes the rows of both stores have of paths.</summary>
internal sealed class RegisteredHashes(ExaminedOverlay store) : IDisposable
{
    private readonly Lazy<StoreDatabase> _own = new(() => StoreDatabase.OpenForReading(store.Store.Own));
    private readonly Lazy<StoreDatabase> _lower = new(() => StoreDatabase.OpenForReading(store.Overlay.Lower));

    /// <summary>True when both have a row of a path, and these are not of the same contents.</summary>
    /// <exception cref="NixStoreException"/>
    internal bool Differ(string name) => store.UpperRows.Contains(name) && store.LowerRows.Contains(name)
        && NixHash.TryParse(_own.Value.Find(store.Full(name))?.Hash, out var own) && NixHash.TryParse(_lower.Value.Find(store.Full(name))?.Hash, out var lower)
        && !own.Equals(lower);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_own.IsValueCreated)
        {
            _own.Value.Dispose();
        }

        if (_lower.IsValueCreated)
        {
            _lower.Value.Dispose();
        }
    }
}
