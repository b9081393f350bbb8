using NixStore.Engine.Archive;
using NixStore.Engine.Collection;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Trash;

/// <summary>
/// Brings things back from the trash: what a path refers to before the path itself, each verified, moved by one rename and registered as it
/// was, with its signatures, its registration time and, for a derivation, its outputs.
/// </summary>
public sealed class TrashRestorer : IDisposable
{
    private readonly StoreLocation _store;
    private readonly WritableStore _writable;
    private readonly TrashVolume _volume;
    private readonly Dictionary<string, (TrashManifest Manifest, ThingRemoved Thing)> _things = new(StringComparer.Ordinal);
    private readonly HashSet<string> _restored = new(StringComparer.Ordinal);
    private readonly CancellationToken _cancellation;

    private TrashRestorer(StoreLocation store, WritableStore writable, TrashVolume volume, Action<NixStoreException> damaged, CancellationToken cancellation)
    {
        (_store, _writable, _volume, _cancellation) = (store, writable, volume, cancellation);

        // Of what was put there twice, what was put there last is more likely what is wanted.
        foreach (var manifest in TrashManifest.ReadAll(store, damaged))
        {
            foreach (var thing in manifest.Things.Where(thing => StoreTrash.StateOf(store, manifest, thing) != StoreTrashState.Lost))
            {
                _things[thing.Path] = (manifest, thing);
            }
        }
    }

    /// <summary>True to believe that what is in the trash is what was put there, without reading it.</summary>
    public bool SkipVerification { get; init; }

    /// <summary>Opens a store and its trash.</summary>
    /// <param name="store">The store.</param>
    /// <param name="skipVerification">See <see cref="SkipVerification"/>.</param>
    /// <param name="damaged">Gets the error of each collection whose record cannot be read.</param>
    /// <param name="cancellation">Ends the waiting for locks, now and later.</param>
    /// <exception cref="NixStoreException">TrashOnOtherFileSystem, StoreReadOnly, StoreLocked</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public static TrashRestorer Open(StoreLocation store, bool skipVerification, Action<NixStoreException> damaged, CancellationToken cancellation)
    {
        var writable = WritableStore.Open(store, cancellation);
        TrashVolume? volume = null;
        try
        {
            volume = TrashVolume.Open(store);
            return new TrashRestorer(store, writable, volume, damaged, cancellation) { SkipVerification = skipVerification };
        }
        catch
        {
            volume?.Dispose();
            writable.Dispose();
            throw;
        }
    }

    /// <summary>True when this has brought the path back already, for itself or as something that another one needs.</summary>
    public bool HasRestored(string path) => _restored.Contains(path);

    /// <summary>Restores a path and all in the trash that it needs.</summary>
    /// <param name="path">Full logical path.</param>
    /// <param name="done">Gets what became of each.</param>
    /// <exception cref="NixStoreException">TrashItemNotFound, TrashDamaged, ReferenceNotInTrash: the path is as it was; what it needs may be back.</exception>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public void Restore(string path, Action<StoreTrashResult> done)
    {
        if (!_things.ContainsKey(path))
        {
            throw new NixStoreException("TrashItemNotFound", StoreErrorKind.NotFound, $"'{path}' is not in the trash of {_store.Url}.", path,
                "Get-StoreTrash lists what is.");
        }

        // An explicit stack, as chains of references have no bound.
        var pending = new Stack<(string Path, bool NeedsAreBack)>([(path, false)]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (pending.TryPop(out var next))
        {
            _cancellation.ThrowIfCancellationRequested();
            if (next.NeedsAreBack)
            {
                RestoreOne(next.Path, done);
            }
            else if (_things.TryGetValue(next.Path, out var found) && seen.Add(next.Path))
            {
                pending.Push((next.Path, true));
                foreach (var reference in found.Thing.Row?.References ?? [])
                {
                    pending.Push((reference, false));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _volume.Dispose();
        _writable.Dispose();
    }

    private void RestoreOne(string path, Action<StoreTrashResult> done)
    {
        var (manifest, thing) = _things[path];
        var outcome = _store.Directory.TryParse(path, out var parsed)
            ? RestoreProtected(manifest, thing, parsed) : RestoreFiles(manifest, thing);
        if (outcome == TrashOutcome.Restored)
        {
            using (var journal = CollectionJournal.Open(manifest.JournalFile))
            {
                journal.Write([new ThingRestored(path)]);
            }

            _things.Remove(path);
            _restored.Add(path);
            if (!_things.Values.Any(thing => thing.Manifest == manifest))
            {
                TrashManifest.Finish(_store, _volume, manifest.JournalFile);
            }
        }

        done(new StoreTrashResult { Store = _store.Url, Id = manifest.Id, Path = path, Outcome = outcome });
    }

    private TrashOutcome RestoreProtected(TrashManifest manifest, ThingRemoved thing, StorePath path)
    {
        using var held = _writable.Protect(path, _cancellation);
        if (_writable.IsValid(path))
        {
            return TrashOutcome.AlreadyValid;
        }

        foreach (var reference in thing.Row?.References.Where(reference => reference != thing.Path) ?? [])
        {
            EnsureValid(reference, thing.Path);
        }

        if (thing.Kind == StoreGarbageKind.Ghost)
        {
            // There never was more than the row.
            _writable.Database.Remember([thing.Row!]);
            return TrashOutcome.Restored;
        }

        var outcome = RestoreFiles(manifest, thing);
        if (thing.Row is not null)
        {
            Posix.Fsync(_volume.Store);
            _writable.Database.Remember([thing.Row]);
        }

        return outcome;
    }

    private void EnsureValid(string reference, string referrer)
    {
        if (_store.Directory.TryParse(reference, out var path))
        {
            _writable.Roots.Add(path, _cancellation);
            if (_writable.IsValid(path))
            {
                return;
            }
        }

        throw new NixStoreException("ReferenceNotInTrash", StoreErrorKind.NotFound,
            $"'{referrer}' cannot be restored: it needs '{reference}', which is neither in the store nor in the trash.", referrer,
            "Get that path first, from a cache (Import-StorePath) or by building it.");
    }

    /// <summary>Moves the files to their place, where they are in the trash, and makes sure that they are what was registered.</summary>
    private TrashOutcome RestoreFiles(TrashManifest manifest, ThingRemoved thing)
    {
        var name = ByteName.From(thing.Name.AsSpan());
        using var trash = _volume.TryOpenCollection(manifest.Id, make: false);
        var isInTrash = trash is not null && Posix.TryStatusAt(trash, name, out _, out _);
        Verify(isInTrash ? trash! : _volume.Store, name, thing);
        if (!isInTrash)
        {
            return TrashOutcome.Restored;
        }

        // What is at its place without being registered is what somebody left who was interrupted.
        TreeRemover.Remove(_volume.Store, name);
        TrashVolume.Move(trash!, _volume.Store, name);
        return TrashOutcome.Restored;
    }

    private void Verify(FileDescriptor directory, byte[] name, ThingRemoved thing)
    {
        if (SkipVerification || thing.Row?.Hash is null || !NixHash.TryParse(thing.Row.Hash, out var expected))
        {
            return;
        }

        using var hasher = new NarHasher(expected.Algorithm);
        if (!hasher.HashTree(directory, name, cancellation: _cancellation).Hash.Equals(expected))
        {
            throw new NixStoreException("TrashDamaged", StoreErrorKind.InvalidData,
                $"'{thing.Path}' is not restored: its files in the trash do not have the registered hash.", thing.Path,
                "It was damaged before it was collected, or in the trash. Restore it with -SkipVerification and repair it (Repair-StorePath), or clear it.");
        }
    }
}
