using NixStore.Catalog.Pruning.Applying;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Deletes for good what a plan has in the trash.</summary>
internal sealed class TrashCleaning(TrashPlan plan)
{
    private const int BatchSize = 1000;

    /// <summary>Deletes all of it.</summary>
    /// <param name="progress">Counts objects.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>Objects and bytes.</returns>
    internal async Task<(long Count, long Bytes)> All(PruneProgress progress, CancellationToken cancellation)
    {
        using var index = await TrashIndex.Open([plan.Folder], cancellation).ConfigureAwait(false);
        return await Run(index.Records("", cancellation), progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes some of it.</summary>
    /// <param name="records">Which; the plan's.</param>
    /// <param name="progress">Counts objects.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>Objects and bytes.</returns>
    internal async Task<(long Count, long Bytes)> Run(IEnumerable<TrashRecord> records, PruneProgress progress, CancellationToken cancellation)
    {
        var (count, bytes) = (0L, 0L);

        // Narinfos last: by them one sees what there was.
        foreach (var batch in records.OrderBy(record => record.Kind == BinaryCacheObjectKind.NarInfo).ThenBy(record => record.Key, StringComparer.Ordinal).Chunk(BatchSize))
        {
            await plan.Removal.Clear(batch, cancellation).ConfigureAwait(false);
            await plan.Folder.WriteCleared(batch, cancellation).ConfigureAwait(false);
            count += batch.Length;
            bytes += batch.Sum(record => record.Size);
            progress.Add(batch.Length, batch.Sum(record => record.Size));
        }

        return (count, bytes);
    }
}
