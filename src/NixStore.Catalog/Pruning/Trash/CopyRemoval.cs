using System.Collections.Concurrent;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Copies objects into the trash on the server's side, then deletes them, each only if it is still the one that was copied.</summary>
internal sealed class CopyRemoval(S3Objects cache, TrashFolder trash, TimeProvider clock, DateTimeOffset unknownBefore) : IRemoval
{
    private readonly S3Objects _trash = (S3Objects)trash.Control;

    /// <inheritdoc/>
    public TrashMethod Method => TrashMethod.Copy;

    private ParallelOptions Parallelism(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = cache.Access.ThrottleLimit, CancellationToken = cancellation };

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TakeOutcome>> Take(IReadOnlyList<WaveObject> objects, bool isAgain, CancellationToken cancellation)
    {
        var seen = await cache.Look([.. objects.Select(item => item.Planned.Key)], cancellation).ConfigureAwait(false);
        var outcomes = new ConcurrentDictionary<string, TakeOutcome>(StringComparer.Ordinal);
        var (copied, copy) = (new ConcurrentBag<WaveObject>(), new S3Copy(cache, _trash));
        await Parallel.ForEachAsync(objects, Parallelism(cancellation), async (item, token) =>
        {
            var key = item.Planned.Key;
            if (!seen.TryGetValue(key, out var state) || !state.IsThere)
            {
                outcomes[key] = isAgain && await InTrash(item, token).ConfigureAwait(false) is { } record
                    ? new TakeOutcome(key, TakeKind.Taken, record) : new TakeOutcome(key, TakeKind.Gone);
            }
            else if (!state.IsSame(item.Planned, unknownBefore))
            {
                outcomes[key] = new TakeOutcome(key, TakeKind.Changed, Reason: state.Told);
            }
            else
            {
                switch (await copy.Run(state, trash.ObjectKey(key), onlyIfAbsent: false, token).ConfigureAwait(false))
                {
                    case true:
                        copied.Add(item);
                        break;
                    case false:
                        outcomes[key] = new TakeOutcome(key, TakeKind.Changed, Reason: "the server says that its tag is another one");
                        break;
                    default:
                        outcomes[key] = new TakeOutcome(key, TakeKind.Gone);
                        break;
                }
            }
        }).ConfigureAwait(false);
        await DeleteCopied([.. copied.OrderBy(item => item.Planned.Key, StringComparer.Ordinal)], seen, outcomes, cancellation).ConfigureAwait(false);
        return [.. objects.Select(item => outcomes[item.Planned.Key])];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindFaults(IReadOnlyList<TrashRecord> records, CancellationToken cancellation)
    {
        var copies = await _trash.Look([.. records.Select(record => trash.ObjectKey(record.Key))], cancellation).ConfigureAwait(false);
        var left = await cache.Look([.. records.Select(record => record.Key)], cancellation).ConfigureAwait(false);
        return [.. records.Where(record => copies.GetValueOrDefault(trash.ObjectKey(record.Key))?.Size != record.Size
            || (left.TryGetValue(record.Key, out var state) && state.IsThere && state.LastModified < record.At - TimeSpan.FromMinutes(5))).Select(record => record.Key)];
    }

    /// <inheritdoc/>
    public async Task<PutBackKind> PutBack(TrashRecord record, CancellationToken cancellation)
    {
        if ((await cache.Look([record.Key], cancellation).ConfigureAwait(false)).TryGetValue(record.Key, out var there) && there.IsThere)
        {
            return PutBackKind.AlreadyThere;
        }

        var name = trash.ObjectKey(record.Key);
        if (!(await _trash.Look([name], cancellation).ConfigureAwait(false)).TryGetValue(name, out var copy) || !copy.IsThere)
        {
            return PutBackKind.Lost;
        }

        return await new S3Copy(_trash, cache).Run(copy with { StorageClass = record.StorageClass }, record.Key, onlyIfAbsent: true, cancellation).ConfigureAwait(false) switch
        {
            true => PutBackKind.Restored,
            false => PutBackKind.AlreadyThere,
            null => PutBackKind.Lost,
        };
    }

    /// <inheritdoc/>
    public Task Clear(IReadOnlyList<TrashRecord> records, CancellationToken cancellation)
        => _trash.Delete([.. records.Select(record => trash.ObjectKey(record.Key))], cancellation);

    /// <inheritdoc/>
    public Task<byte[]?> Read(TrashRecord record, int limit, CancellationToken cancellation) => _trash.Read(trash.ObjectKey(record.Key), null, limit, cancellation);

    private async Task<TrashRecord?> InTrash(WaveObject item, CancellationToken cancellation)
    {
        var name = trash.ObjectKey(item.Planned.Key);
        return (await _trash.Look([name], cancellation).ConfigureAwait(false)).TryGetValue(name, out var copy) && copy.IsThere && (item.Planned.Size ?? copy.Size) == copy.Size
            ? TrashRecord.Of(item.Planned, item.Path, copy with { ETag = item.Planned.ETag ?? copy.ETag, Version = null }, clock.GetUtcNow()) : null;
    }

    private async Task DeleteCopied(
        IReadOnlyList<WaveObject> copied, IReadOnlyDictionary<string, ObjectState> seen, ConcurrentDictionary<string, TakeOutcome> outcomes, CancellationToken cancellation)
    {
        var superfluous = new List<string>();
        foreach (var some in copied.Chunk(S3Deletion.MaximumKeys))
        {
            var deleted = await new S3Deletion(cache).IfSame([.. some.Select(item => seen[item.Planned.Key])], cancellation).ConfigureAwait(false);
            foreach (var item in some)
            {
                var (key, outcome) = (item.Planned.Key, deleted[item.Planned.Key]);
                outcomes[key] = outcome.Kind switch
                {
                    DeletionKind.Changed => new TakeOutcome(key, TakeKind.Changed, Reason: outcome.Reason),
                    DeletionKind.Failed => new TakeOutcome(key, TakeKind.Failed, Reason: outcome.Reason),

                    // Should somebody else have been quicker: the copy is there all the same.
                    _ => new TakeOutcome(key, TakeKind.Taken, TrashRecord.Of(item.Planned, item.Path, seen[key] with { Version = null }, clock.GetUtcNow())),
                };
                if (outcome.Kind is DeletionKind.Changed)
                {
                    superfluous.Add(trash.ObjectKey(key));
                }
            }
        }

        if (superfluous.Count > 0)
        {
            await _trash.Delete(superfluous, cancellation).ConfigureAwait(false);
        }
    }
}
