using NixStore.Catalog.Pruning.Applying;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Deletes for good what a plan has in the trash.</summary>
internal sealed class TrashCleaning(TrashFolder folder, IRemoval removal)
{
    private const int BatchSize = 1000;

    /// <summary>Deletes records that a condition holds for.</summary>
    /// <param name="condition">SQL over the table <c>trash</c>.</param>
    /// <param name="asked">Hash parts and keys of NARs that were asked for since, which stay.</param>
    /// <param name="progress">Counts objects.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>Objects and bytes.</returns>
    internal async Task<(long Count, long Bytes)> Run(string condition, IReadOnlyCollection<string> asked, PruneProgress progress, CancellationToken cancellation)
    {
        using var index = await TrashIndex.Open([folder], cancellation).ConfigureAwait(false);
        var records = index.Records($"WHERE ({condition}) AND coalesce(hash, '') NOT IN (SELECT unnest(CAST($1 AS VARCHAR[]))) AND key NOT IN (SELECT unnest(CAST($1 AS VARCHAR[])))"
            + " AND key NOT IN (SELECT url FROM trash WHERE url IS NOT NULL AND hash IN (SELECT unnest(CAST($1 AS VARCHAR[]))))", cancellation, asked.ToList());
        var (count, bytes) = (0L, 0L);

        // Narinfos last: by them one sees what there was.
        foreach (var batch in records.OrderBy(record => record.Kind == BinaryCacheObjectKind.NarInfo).ThenBy(record => record.Key, StringComparer.Ordinal).Chunk(BatchSize))
        {
            await removal.Clear(batch, cancellation).ConfigureAwait(false);
            await folder.WriteCleared(batch, cancellation).ConfigureAwait(false);
            count += batch.Length;
            bytes += batch.Sum(record => record.Size);
            progress.Add(batch.Length, batch.Sum(record => record.Size));
        }

        return (count, bytes);
    }
}
