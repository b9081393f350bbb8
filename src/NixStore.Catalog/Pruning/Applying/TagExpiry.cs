using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// Sees whether the bucket's lifecycle has taken what a wave has tagged: an upload that looks before that finds it there, so that nothing may be settled
/// before. It takes the lifecycle a day or more, and nobody is told.
/// </summary>
internal sealed class TagExpiry(PrunePlan plan, PruneJournal journal, S3Objects cache, DateTimeOffset unknownBefore)
{
    private readonly S3Tags _tags = new(cache, plan.Summary.Id);

    /// <summary>Looks, and ends the wave when nothing is left.</summary>
    /// <returns>An object that is still there; null when the wave has ended.</returns>
    internal async Task<string?> Look(int number, CancellationToken cancellation)
    {
        foreach (var (_, objects) in new Wave(plan, number, journal.State.Begun!.BatchSizes[number - 1]).Batches(cancellation))
        {
            var wanted = objects.Select(item => item.Planned).Where(item => !journal.State.IsKept(item)).ToList();
            var seen = await cache.Look(wanted.ConvertAll(item => item.Key), cancellation).ConfigureAwait(false);
            foreach (var item in wanted.Where(item => seen.TryGetValue(item.Key, out var state) && state.IsThere && state.IsSame(item, unknownBefore)))
            {
                // One that somebody has taken the tag from stays, and is waited for no more.
                if (await _tags.IsSet(item.Key, cancellation).ConfigureAwait(false) == true)
                {
                    return item.Key;
                }
            }
        }

        journal.Add(new WaveDone(number));
        return null;
    }
}
