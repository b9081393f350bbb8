using Amazon.S3.Model;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Deletes objects of a bucket that keeps versions: a delete marker hides them, and nothing is copied. They come back when the marker goes.</summary>
internal sealed class MarkerRemoval(S3Objects cache, TimeProvider clock, DateTimeOffset unknownBefore) : IRemoval
{
    /// <inheritdoc/>
    public TrashMethod Method => TrashMethod.Marker;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TakeOutcome>> Take(IReadOnlyList<WaveObject> objects, bool isAgain, CancellationToken cancellation)
    {
        var seen = await cache.LookAtVersions([.. objects.Select(item => item.Planned.Key)], cancellation).ConfigureAwait(false);
        var same = objects.Where(item => seen.TryGetValue(item.Planned.Key, out var state) && state.IsThere && state.IsSame(item.Planned, unknownBefore)).ToList();
        var deleted = new Dictionary<string, DeletionOutcome>(StringComparer.Ordinal);
        foreach (var some in same.Chunk(S3Deletion.MaximumKeys))
        {
            foreach (var (key, outcome) in await new S3Deletion(cache).IfSame([.. some.Select(item => seen[item.Planned.Key])], cancellation).ConfigureAwait(false))
            {
                deleted[key] = outcome;
            }
        }

        return [.. objects.Select(item => OutcomeOf(item, seen.GetValueOrDefault(item.Planned.Key), deleted.GetValueOrDefault(item.Planned.Key), isAgain))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindFaults(IReadOnlyList<TrashRecord> records, CancellationToken cancellation)
    {
        var now = await cache.LookAtVersions([.. records.Select(record => record.Key)], cancellation).ConfigureAwait(false);
        return [.. records.Where(record => !now.TryGetValue(record.Key, out var state) || (state.Version == record.Version && state.IsThere)).Select(record => record.Key)];
    }

    /// <inheritdoc/>
    public async Task<PutBackKind> PutBack(TrashRecord record, CancellationToken cancellation)
    {
        // A deletion that arrived twice has left two markers.
        for (var isBack = false; ; isBack = true)
        {
            var now = (await cache.LookAtVersions([record.Key], cancellation).ConfigureAwait(false)).GetValueOrDefault(record.Key);
            if (now is { IsThere: true })
            {
                return isBack ? PutBackKind.Restored : PutBackKind.AlreadyThere;
            }

            if (now is not { Marker: { } marker } || !IsTaken(now, record))
            {
                break;
            }

            await new S3Deletion(cache).Unconditionally([new KeyVersion { Key = cache.KeyOf(record.Key), VersionId = marker }], cancellation).ConfigureAwait(false);
        }

        // Somebody has written and deleted it since: the version that was taken becomes the newest one.
        var old = new ObjectState(record.Key, record.Size, null, record.At, record.StorageClass, record.Version);
        return record.Version is not null && await new S3Copy(cache, cache).Run(old, record.Key, onlyIfAbsent: false, cancellation).ConfigureAwait(false) == true
            ? PutBackKind.Restored : PutBackKind.Lost;
    }

    /// <inheritdoc/>
    public async Task Clear(IReadOnlyList<TrashRecord> records, CancellationToken cancellation)
    {
        var keys = records.Select(record => record.Key).Order(StringComparer.Ordinal).ToList();
        var now = await cache.LookAtVersions(keys, cancellation).ConfigureAwait(false);

        // One that was brought back is the current version by now, whatever the lists say.
        var cleared = records.Select(record => (Record: record, State: now.GetValueOrDefault(record.Key)))
            .Where(item => item.State is not { IsThere: true } state || !IsTaken(state, item.Record)).ToList();
        await new S3Deletion(cache).Unconditionally([.. cleared.SelectMany(item => VersionsOf(item.Record.Key, item.Record.Version ?? TakenVersion(item.State, item.Record)))], cancellation).ConfigureAwait(false);

        // Below a version there may be older ones, of another upload: while there is any, the marker keeps it from coming to life.
        var left = await cache.LookAtVersions(keys, cancellation).ConfigureAwait(false);
        await new S3Deletion(cache).Unconditionally(
            [.. cleared.Where(item => !left.ContainsKey(item.Record.Key)).SelectMany(item => VersionsOf(item.Record.Key, item.Record.Marker, item.State?.Marker))], cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> Read(TrashRecord record, int limit, CancellationToken cancellation)
    {
        var version = record.Version ?? TakenVersion((await cache.LookAtVersions([record.Key], cancellation).ConfigureAwait(false)).GetValueOrDefault(record.Key), record);
        return version is null ? null : await cache.Read(record.Key, version, limit, cancellation).ConfigureAwait(false);
    }

    /// <summary>True when the newest version is the one that was taken. One that was only intended to be has no version yet, but its contents tell it.</summary>
    private static bool IsTaken(ObjectState state, TrashRecord record)
        => record.Version is { } version ? state.Version == version : state.ETag == record.ETag && state.Size == record.Size;

    private static string? TakenVersion(ObjectState? state, TrashRecord record) => state is { IsThere: false } && IsTaken(state, record) ? state.Version : null;

    private IEnumerable<KeyVersion> VersionsOf(string key, params IEnumerable<string?> versions)
        => versions.OfType<string>().Distinct(StringComparer.Ordinal).Select(version => new KeyVersion { Key = cache.KeyOf(key), VersionId = version });

    private TakeOutcome OutcomeOf(WaveObject item, ObjectState? seen, DeletionOutcome? deleted, bool isAgain)
    {
        var key = item.Planned.Key;
        return (seen, deleted) switch
        {
            (null, _) => new TakeOutcome(key, TakeKind.Gone),

            // The marker may be that of the run which was killed; what it hides is what the plan means.
            ({ Marker: { } marker }, _) => isAgain && seen.IsSame(item.Planned, unknownBefore) ? Taken(marker) : new TakeOutcome(key, TakeKind.Gone),
            (_, null) => new TakeOutcome(key, TakeKind.Changed, Reason: seen.Told),
            (_, { Kind: DeletionKind.Deleted }) => Taken(deleted.Marker),
            (_, { Kind: DeletionKind.Gone }) => new TakeOutcome(key, TakeKind.Gone),
            (_, { Kind: DeletionKind.Changed }) => new TakeOutcome(key, TakeKind.Changed, Reason: deleted.Reason),
            _ => new TakeOutcome(key, TakeKind.Failed, Reason: deleted.Reason),
        };

        TakeOutcome Taken(string? marker) => new(key, TakeKind.Taken, TrashRecord.Of(item.Planned, item.Path, seen, clock.GetUtcNow(), marker));
    }
}
