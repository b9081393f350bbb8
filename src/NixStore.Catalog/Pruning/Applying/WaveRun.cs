using System.Collections.Concurrent;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>Takes a wave: a few batches for a trial, which is looked at, then the rest, several at once.</summary>
internal sealed class WaveRun(Wave wave, PruneJournal journal, IRemoval removal, TrashFolder trash, PruneOptions options, PruneProgress progress)
{
    private const int RequestsOfBatch = 8;

    private readonly ConcurrentQueue<TakeOutcome> _exceptions = new();

    /// <summary>Objects that were not taken, and why.</summary>
    internal IReadOnlyCollection<TakeOutcome> Exceptions => _exceptions;

    /// <summary>Takes all of it.</summary>
    /// <param name="count">Objects in the wave.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>False when some objects could not be taken, so that the wave has not ended.</returns>
    /// <exception cref="NixStoreException">PruneCanaryFailed; what concerns the cache as a whole.</exception>
    internal async Task<bool> Run(long count, CancellationToken cancellation)
    {
        using var batches = wave.Batches(cancellation).GetEnumerator();
        var trial = (long)Math.Ceiling(count * options.CanaryPercent / 100);
        var (seen, taken) = (0L, new List<TrashRecord>());
        while (seen < trial && batches.MoveNext())
        {
            seen += batches.Current.Objects.Count;
            taken.AddRange(await TakeUnlessDone(batches.Current.Number, batches.Current.Objects, cancellation).ConfigureAwait(false));
        }

        await Verify(taken, cancellation).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            Rest(batches),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Access.ThrottleLimit / RequestsOfBatch), CancellationToken = cancellation },
            async (batch, token) => await TakeUnlessDone(batch.Number, batch.Objects, token).ConfigureAwait(false)).ConfigureAwait(false);
        if (journal.State.HasUnfinished(wave.Number))
        {
            return false;
        }

        journal.Add(removal.Method == TrashMethod.Tag ? new WaveTagged(wave.Number) : new WaveDone(wave.Number));
        return true;
    }

    private static IEnumerable<(long Number, IReadOnlyList<WaveObject> Objects)> Rest(IEnumerator<(long Number, IReadOnlyList<WaveObject> Objects)> batches)
    {
        while (batches.MoveNext())
        {
            yield return batches.Current;
        }
    }

    private async Task<IReadOnlyList<TrashRecord>> TakeUnlessDone(long number, IReadOnlyList<WaveObject> objects, CancellationToken cancellation)
    {
        if (!journal.State.IsDone(wave.Number, number))
        {
            return await Take(number, objects, cancellation).ConfigureAwait(false);
        }

        progress.Add(objects.Count, 0);
        return [];
    }

    private async Task<IReadOnlyList<TrashRecord>> Take(long number, IReadOnlyList<WaveObject> objects, CancellationToken cancellation)
    {
        var isAgain = journal.State.IsBegun(wave.Number, number);
        var wanted = objects.Where(item => !journal.State.IsKept(item.Planned)).ToList();
        if (!isAgain)
        {
            journal.Add(new BatchBegun(wave.Number, number));
        }

        // Of what is taken the trash knows beforehand: this machine may be lost in the middle of it.
        await trash.WriteIntended(wave.Number, number, wanted, journal.Now, cancellation).ConfigureAwait(false);
        var outcomes = wanted.Count == 0 ? [] : await removal.Take(wanted, isAgain, cancellation).ConfigureAwait(false);
        var taken = outcomes.Where(outcome => outcome.Record is not null).Select(outcome => outcome.Record!).ToList();
        await trash.WriteTaken(wave.Number, number, taken, cancellation).ConfigureAwait(false);
        if (options.SkipFailed)
        {
            // As what is another object by now: a narinfo that is still there keeps what it needs, as soon as the cache is compared with the plan again.
            outcomes = [.. outcomes.Select(outcome => outcome.Kind == TakeKind.Failed ? outcome with { Kind = TakeKind.Changed, Reason = $"it was not taken: {outcome.Reason}" } : outcome)];
        }

        foreach (var outcome in outcomes.Where(outcome => outcome.Kind != TakeKind.Taken))
        {
            _exceptions.Enqueue(outcome);
        }

        var failed = outcomes.Where(outcome => outcome.Kind == TakeKind.Failed).ToDictionary(outcome => outcome.Key, outcome => outcome.Reason ?? "", StringComparer.Ordinal);
        var bytes = taken.Sum(record => record.Size);
        journal.Add(failed.Count > 0 ? new BatchTroubled(wave.Number, number, failed)
            : new BatchDone(wave.Number, number, objects[0].Planned.Key, objects[^1].Planned.Key, taken.Count, bytes, objects.Count - wanted.Count,
                KeysOf(outcomes, TakeKind.Gone), KeysOf(outcomes, TakeKind.Changed)));
        progress.Add(objects.Count, bytes);
        return taken;
    }

    private async Task Verify(List<TrashRecord> taken, CancellationToken cancellation)
    {
        foreach (var some in taken.OrderBy(record => record.Key, StringComparer.Ordinal).Chunk(1000))
        {
            if (await removal.FindFaults(some, cancellation).ConfigureAwait(false) is [var first, ..] faults)
            {
                throw new NixStoreException("PruneCanaryFailed", StoreErrorKind.WriteError,
                    $"Of the first {taken.Count} objects that were taken, {faults.Count} are not where they should be, such as '{first}'.", first,
                    "Nothing more was taken. Look at the cache and its trash; Restore-BinaryCacheTrash brings back what was taken.");
            }
        }
    }

    private static List<string> KeysOf(IReadOnlyList<TakeOutcome> outcomes, TakeKind kind) => [.. outcomes.Where(outcome => outcome.Kind == kind).Select(outcome => outcome.Key)];
}
