using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// The objects of a plan that go at the same time, in batches: their numbers and limits depend on nothing but the plan, so that a journal of another
/// run speaks of the same ones.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="number">1, or 2 for NARs.</param>
/// <param name="batchSize">Objects a batch.</param>
internal sealed class Wave(PrunePlan plan, int number, int batchSize)
{
    internal int Number => number;

    /// <summary>Objects in it.</summary>
    internal static long CountOf(PrunePlan plan, int number)
        => plan.Summary.Totals.Objects.Where(kind => (kind.Key == nameof(BinaryCacheObjectKind.Nar)) == (number == 2)).Sum(kind => kind.Value);

    /// <summary>Their bytes, as far as they are known.</summary>
    internal static long BytesOf(PrunePlan plan, int number)
        => plan.Summary.Totals.Bytes.Where(kind => (kind.Key == nameof(BinaryCacheObjectKind.Nar)) == (number == 2)).Sum(kind => kind.Value);

    /// <summary>Enough that a hundredth of them is a trial, and no more than a request can delete.</summary>
    internal static int BatchSizeFor(long count) => (int)Math.Clamp(count / 100, 10, 1000);

    /// <summary>The batches, in order.</summary>
    internal IEnumerable<(long Number, IReadOnlyList<WaveObject> Objects)> Batches(CancellationToken cancellation)
    {
        var (next, batch) = (0L, new List<WaveObject>(batchSize));
        foreach (var item in Objects(cancellation))
        {
            batch.Add(item);
            if (batch.Count == batchSize)
            {
                yield return (next++, batch);
                batch = new List<WaveObject>(batchSize);
            }
        }

        if (batch.Count > 0)
        {
            yield return (next, batch);
        }
    }

    /// <summary>Objects and paths are both in the order of their hashes: narinfos meet their paths without a join.</summary>
    private IEnumerable<WaveObject> Objects(CancellationToken cancellation)
    {
        using var paths = number == 1 ? plan.ReadNarInfos(cancellation: cancellation).GetEnumerator() : Enumerable.Empty<PlannedNarInfo>().GetEnumerator();
        var hasPath = paths.MoveNext();
        foreach (var planned in plan.ReadObjects(number, cancellation: cancellation))
        {
            if (planned.Kind != BinaryCacheObjectKind.NarInfo)
            {
                yield return new WaveObject(planned, null);
                continue;
            }

            var hash = planned.Key[..StorePath.HashPartLength];
            while (hasPath && string.CompareOrdinal(paths.Current.HashPart, hash) < 0)
            {
                hasPath = paths.MoveNext();
            }

            yield return new WaveObject(planned, hasPath && paths.Current.HashPart == hash ? paths.Current : null);
        }
    }
}
