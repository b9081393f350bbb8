using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Contents of paths that both layers have, compared by their hashes.</summary>
internal sealed class LayerContents(ExaminedOverlay store) : IDisposable
{
    private readonly NarHasher _hasher = new();
    private readonly StoreDatabase _database = StoreDatabase.OpenForReading(store.Store);

    /// <summary>Reads both. Which of them is the registered one, in a few words; null when they are equal.</summary>
    /// <exception cref="NixStoreException"/>
    internal string? FindDifference(string name)
    {
        var (upper, lower) = (Hash(store.Overlay.UpperLayer, name), Hash(store.Overlay.Lower.RealDirectory, name));
        var registered = _database.Find(store.Full(name))?.Hash;
        return upper.Equals(lower) ? null : (Fits(upper, registered), Fits(lower, registered)) switch
        {
            (true, _) => "the upper one has the registered hash",
            (_, true) => "the lower one has the registered hash",
            _ => "neither has the registered hash",
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _database.Dispose();
        _hasher.Dispose();
    }

    private NixHash Hash(string directory, string name)
        => _hasher.HashTree(FileDescriptor.WorkingDirectory, ByteName.From($"{directory}/{name}"), cancellation: store.Cancellation).Hash;

    private static bool Fits(NixHash actual, string? registered) => NixHash.TryParse(registered, out var wanted) && actual.Equals(wanted);
}
