using NixStore.Engine.Collection;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Trash;

/// <summary>Looks into the trash of a store.</summary>
public static class StoreTrash
{
    /// <summary>All that is in it, oldest collection first, each in the order in which it was removed.</summary>
    /// <param name="store">The store.</param>
    /// <param name="damaged">Gets the error of each collection whose record cannot be read.</param>
    /// <exception cref="StoreIOException"/>
    public static IEnumerable<StoreTrashItem> List(StoreLocation store, Action<NixStoreException> damaged)
    {
        foreach (var manifest in TrashManifest.ReadAll(store, damaged))
        {
            foreach (var thing in manifest.Things)
            {
                yield return Describe(store, manifest, thing);
            }
        }
    }

    /// <summary>Where a thing is now.</summary>
    internal static StoreTrashState StateOf(StoreLocation store, TrashManifest manifest, ThingRemoved thing)
        => IsAt(PathIn(store, manifest, thing)) ? StoreTrashState.Trashed
            : thing.Kind == StoreGarbageKind.Ghost ? StoreTrashState.Trashed
            : IsAt($"{store.RealDirectory}/{ByteName.ToDisplay(thing.Name)}") ? StoreTrashState.LeftInStore : StoreTrashState.Lost;

    /// <summary>A thing as it is shown, with where it is now.</summary>
    internal static StoreTrashItem Describe(StoreLocation store, TrashManifest manifest, ThingRemoved thing) => new()
    {
        Store = store.Url,
        Id = manifest.Id,
        Path = thing.Path,
        RealPath = PathIn(store, manifest, thing),
        Kind = thing.Kind,
        State = StateOf(store, manifest, thing),
        TrashedTime = thing.Time,
        User = manifest.Begun.User,
        Size = thing.Size,
        NarSize = thing.Row?.NarSize,
        References = thing.Row?.References ?? [],
    };

    private static string PathIn(StoreLocation store, TrashManifest manifest, ThingRemoved thing)
        => $"{TrashVolume.DirectoryOf(store)}/{manifest.Id}/{ByteName.ToDisplay(thing.Name)}";

    private static bool IsAt(string path) => Posix.TryStatus(path, out _, out _);
}
