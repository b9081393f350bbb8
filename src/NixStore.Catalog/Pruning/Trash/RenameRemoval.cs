using NixStore.Catalog.Pruning.Objects;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>
/// Renames files into the trash. A rename takes whatever has the name at that moment, so each is looked at again where it has come to; one that
/// somebody has written meanwhile goes back.
/// </summary>
internal sealed class RenameRemoval(FolderObjects cache, TrashFolder trash, TimeProvider clock, DateTimeOffset unknownBefore) : IRemoval
{
    private readonly FolderObjects _trash = (FolderObjects)trash.Control;

    /// <inheritdoc/>
    public TrashMethod Method => TrashMethod.Rename;

    /// <inheritdoc/>
    public Task<IReadOnlyList<TakeOutcome>> Take(IReadOnlyList<WaveObject> objects, bool isAgain, CancellationToken cancellation)
    {
        var outcomes = new List<TakeOutcome>();
        var touched = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in objects)
        {
            cancellation.ThrowIfCancellationRequested();
            outcomes.Add(Take(item, isAgain));
            touched[FolderOf(item.Planned.Key)] = item.Planned.Key;
        }

        // The new name first: after a power cut a file may have both, never none.
        foreach (var key in touched.Values)
        {
            Sync(_trash, trash.ObjectKey(key));
            Sync(cache, key);
        }

        return Task.FromResult<IReadOnlyList<TakeOutcome>>(outcomes);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindFaults(IReadOnlyList<TrashRecord> records, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>(
        [.. records.Where(record => _trash.TryState(trash.ObjectKey(record.Key))?.Size != record.Size || cache.TryState(record.Key)?.ETag == record.ETag).Select(record => record.Key)]);

    /// <inheritdoc/>
    public Task<PutBackKind> PutBack(TrashRecord record, CancellationToken cancellation)
    {
        var name = trash.ObjectKey(record.Key);
        if (_trash.TryState(name) is null)
        {
            return Task.FromResult(cache.TryState(record.Key) is null ? PutBackKind.Lost : PutBackKind.AlreadyThere);
        }

        var isMoved = Move(_trash, name, cache, record.Key);
        if (isMoved)
        {
            Sync(cache, record.Key);
            Sync(_trash, name);
        }

        return Task.FromResult(isMoved ? PutBackKind.Restored : PutBackKind.AlreadyThere);
    }

    /// <inheritdoc/>
    public Task Clear(IReadOnlyList<TrashRecord> records, CancellationToken cancellation)
        => _trash.Delete([.. records.Select(record => trash.ObjectKey(record.Key))], cancellation);

    /// <inheritdoc/>
    public Task<byte[]?> Read(TrashRecord record, int limit, CancellationToken cancellation) => _trash.Read(trash.ObjectKey(record.Key), null, limit, cancellation);

    private TakeOutcome Take(WaveObject item, bool isAgain)
    {
        var (key, name) = (item.Planned.Key, trash.ObjectKey(item.Planned.Key));
        var seen = cache.TryState(key);
        if (seen is null)
        {
            return isAgain && _trash.TryState(name) is { } moved && moved.IsSame(item.Planned, unknownBefore) ? Taken(moved) : new TakeOutcome(key, TakeKind.Gone);
        }

        if (!seen.IsSame(item.Planned, unknownBefore) || !Move(cache, key, _trash, name))
        {
            return new TakeOutcome(key, TakeKind.Changed, Reason: seen.Told);
        }

        var now = _trash.TryState(name);
        if (now?.ETag == seen.ETag)
        {
            return Taken(seen);
        }

        // It was replaced between the look and the rename. Should there be yet another by now, that one counts.
        _ = Move(_trash, name, cache, key);
        return new TakeOutcome(key, TakeKind.Changed);

        TakeOutcome Taken(ObjectState state) => new(key, TakeKind.Taken, TrashRecord.Of(item.Planned, item.Path, state, clock.GetUtcNow()));
    }

    /// <summary>Renames a file; false when there is one by the new name.</summary>
    private static bool Move(FolderObjects from, string key, FolderObjects to, string name)
    {
        using var source = from.TryOpenFolder(key, create: false);
        using var target = to.TryOpenFolder(name, create: true)!;
        try
        {
            Posix.RenameNoReplaceAt(source!, FolderObjects.Name(key), target, FolderObjects.Name(name));
            return true;
        }
        catch (StoreIOException error) when (error.ErrorNumber is Errno.Exists or Errno.NoEntry)
        {
            return false;
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.CrossDevice)
        {
            throw new NixStoreException("TrashElsewhere", StoreErrorKind.NotSupported, $"'{from.Directory}/{key}' cannot be renamed to '{to.Directory}/{name}': they are on different file systems.",
                key, "Give a folder on the cache's own file system by -TrashUrl.", error);
        }
    }

    private static void Sync(FolderObjects objects, string key)
    {
        using var folder = objects.TryOpenFolder(key, create: false);
        if (folder is not null)
        {
            Posix.Fsync(folder);
        }
    }

    private static string FolderOf(string key) => key[..(key.LastIndexOf('/') + 1)];
}
