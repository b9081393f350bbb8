using NixStore.Engine.Collection;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Trash;

/// <summary>What one collection has put into the trash and what is still there, from its journal.</summary>
internal sealed class TrashManifest
{
    private TrashManifest(string file, CollectionBegun begun, IReadOnlyList<ThingRemoved> things)
        => (JournalFile, Begun, Things) = (file, begun, things);

    /// <summary>The journal's file.</summary>
    internal string JournalFile { get; }

    /// <summary>The collection.</summary>
    internal string Id => Path.GetFileNameWithoutExtension(JournalFile);

    /// <summary>When, where and by whom it was collected.</summary>
    internal CollectionBegun Begun { get; }

    /// <summary>What was neither restored nor cleared yet, in the order in which it was removed: referrers first.</summary>
    internal IReadOnlyList<ThingRemoved> Things { get; }

    /// <summary>The manifests of a store, oldest first.</summary>
    /// <param name="store">The store.</param>
    /// <param name="damaged">Gets the error of each that cannot be read; the others are given.</param>
    /// <exception cref="StoreIOException"/>
    internal static IReadOnlyList<TrashManifest> ReadAll(StoreLocation store, Action<NixStoreException> damaged)
    {
        var directory = CollectionJournal.DirectoryOf(store, trash: true);
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var manifests = new List<TrashManifest>();
        foreach (var file in Directory.EnumerateFiles(directory, "*.jsonl").Order(StringComparer.Ordinal))
        {
            try
            {
                if (TryRead(file) is { } manifest)
                {
                    manifests.Add(manifest);
                }
            }
            catch (NixStoreException error)
            {
                damaged(error);
            }
        }

        return manifests;
    }

    /// <summary>
    /// Once nothing of it is in the trash any more, its record goes where those of other collections are, and its directory goes.
    /// </summary>
    /// <exception cref="StoreIOException">The directory is not empty, or cannot be removed.</exception>
    internal static void Finish(StoreLocation store, TrashVolume volume, string file)
    {
        if (TryRead(file) is not { Things.Count: 0 } manifest)
        {
            return;
        }

        volume.RemoveCollection(manifest.Id);
        File.Move(file, $"{Directory.CreateDirectory(CollectionJournal.DirectoryOf(store, trash: false)).FullName}/{Path.GetFileName(file)}");
    }

    private static TrashManifest? TryRead(string file)
    {
        var entries = CollectionJournal.Read(file);

        // A root may have come before the collection's own line, and a crash as well.
        var begun = entries.OfType<CollectionBegun>().FirstOrDefault();
        var gone = entries.Select(entry => entry switch
        {
            ThingRestored restored => restored.Path,
            ThingCleared cleared => cleared.Path,
            _ => null,
        }).ToHashSet(StringComparer.Ordinal);
        return begun is null ? null : new TrashManifest(file, begun, [.. entries.OfType<ThingRemoved>().Where(thing => !gone.Contains(thing.Path))]);
    }
}
