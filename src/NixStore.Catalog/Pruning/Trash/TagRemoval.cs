using System.Collections.Concurrent;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Tags objects for a rule of the bucket's lifecycle, which deletes them at its own time. Until then they are where they were.</summary>
internal sealed class TagRemoval(S3Objects cache, string planId, TimeProvider clock, DateTimeOffset unknownBefore) : IRemoval
{
    private readonly S3Tags _tags = new(cache, planId);

    /// <inheritdoc/>
    public TrashMethod Method => TrashMethod.Tag;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TakeOutcome>> Take(IReadOnlyList<WaveObject> objects, bool isAgain, CancellationToken cancellation)
    {
        await _tags.AddRule(cancellation).ConfigureAwait(false);
        var seen = await cache.Look([.. objects.Select(item => item.Planned.Key)], cancellation).ConfigureAwait(false);
        var outcomes = new ConcurrentDictionary<string, TakeOutcome>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(objects, new ParallelOptions { MaxDegreeOfParallelism = cache.Access.ThrottleLimit, CancellationToken = cancellation }, async (item, token) =>
        {
            var key = item.Planned.Key;
            outcomes[key] = !seen.TryGetValue(key, out var state) || !state.IsThere ? new TakeOutcome(key, TakeKind.Gone)
                : !state.IsSame(item.Planned, unknownBefore) ? new TakeOutcome(key, TakeKind.Changed, Reason: state.Told)
                : !await _tags.Set(key, isSet: true, token).ConfigureAwait(false) ? new TakeOutcome(key, TakeKind.Gone)
                : new TakeOutcome(key, TakeKind.Taken, TrashRecord.Of(item.Planned, item.Path, state, clock.GetUtcNow()));
        }).ConfigureAwait(false);
        return [.. objects.Select(item => outcomes[item.Planned.Key])];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindFaults(IReadOnlyList<TrashRecord> records, CancellationToken cancellation)
    {
        // What is not there has gone by its tag.
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(records, new ParallelOptions { MaxDegreeOfParallelism = cache.Access.ThrottleLimit, CancellationToken = cancellation }, async (record, token) =>
        {
            if (await _tags.IsSet(record.Key, token).ConfigureAwait(false) == false)
            {
                faults.Add(record.Key);
            }
        }).ConfigureAwait(false);
        return [.. faults.Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<PutBackKind> PutBack(TrashRecord record, CancellationToken cancellation)
    {
        if (await _tags.Set(record.Key, isSet: false, cancellation).ConfigureAwait(false))
        {
            return PutBackKind.Restored;
        }

        // The lifecycle was quicker; where the bucket keeps versions, that was a delete marker. The version has the tag still.
        var kind = record.Version is null ? PutBackKind.Lost : await new MarkerRemoval(cache, clock, unknownBefore).PutBack(record, cancellation).ConfigureAwait(false);
        return kind == PutBackKind.Lost || await _tags.Set(record.Key, isSet: false, cancellation).ConfigureAwait(false) ? kind : PutBackKind.Lost;
    }

    /// <inheritdoc/>
    public Task Clear(IReadOnlyList<TrashRecord> records, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<byte[]?> Read(TrashRecord record, int limit, CancellationToken cancellation) => cache.Read(record.Key, record.Version, limit, cancellation);
}
