using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Bulk;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Feeding;

/// <summary>
/// Brings the table <c>links</c> up to what the table <c>objects</c> says: reads debug information, realisations and build traces that are new or have
/// changed, and drops those that are gone. A killed run is continued by the next one.
/// </summary>
/// <param name="writer">The catalog.</param>
/// <param name="cache">The cache; opened with as many connections as are to be used.</param>
/// <param name="options">How many at once, and with how much patience; null = the defaults.</param>
public sealed class LinkUpdate(ICatalogWriter writer, BinaryCache cache, BulkOptions? options = null)
{
    private readonly BulkReader _reader = new(cache, (options ?? new BulkOptions()) with { MaximumSize = LinkText.MaximumSize });
    private long _settled;
    private DuckAppender? _rows;

    /// <summary>Objects a step; a part of the table is as large.</summary>
    public int StepSize { get; init; } = 250_000;

    /// <summary>Objects to be read in all. Any thread.</summary>
    public long Total { get; private set; }

    /// <summary>Objects that were read. Any thread.</summary>
    public long Done => Interlocked.Read(ref _settled) + (Volatile.Read(ref _rows)?.Count ?? 0);

    /// <summary>Does it.</summary>
    /// <returns>What was done; <see cref="FeedResult.Findings"/> counts those of which nobody can say to whom they belong.</returns>
    /// <exception cref="NixStoreException">Of the cache; <see cref="DuckException"/>; errors of writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public FeedResult Run(CancellationToken cancellation = default)
    {
        var session = writer.Session;
        var removed = writer.RemoveOutdatedLinks(cancellation);
        writer.FindWantedLinks(cancellation);
        Total = session.QueryNumber("SELECT count(*) FROM wanted", cancellation);
        var result = new FeedResult(0, removed, 0);
        for (long done = 0; done < Total; done += StepSize)
        {
            result = Step(session, NextBatch(session, done, cancellation), result, cancellation);
        }

        session.Execute("DROP TABLE wanted", cancellation);
        return result;
    }

    private List<(BulkRequest Request, string? ETag)> NextBatch(DuckSession session, long start, CancellationToken cancellation)
    {
        var batch = new List<(BulkRequest, string?)>();
        using var rows = session.Query("SELECT key, e_tag, last_modified_date, size FROM wanted WHERE rowid >= $1 AND rowid < $2 ORDER BY key", cancellation, start, start + StepSize);
        while (rows.Read())
        {
            batch.Add((new BulkRequest(rows.GetText(0), rows.TryGetInt64(3), rows.TryGetTime(2)), rows.TryGetText(1)));
        }

        return batch;
    }

    private FeedResult Step(DuckSession session, List<(BulkRequest Request, string? ETag)> batch, FeedResult before, CancellationToken cancellation)
    {
        session.Execute("CREATE OR REPLACE TEMP TABLE read_links AS FROM form.links", cancellation);
        var (gate, unknown, skipped) = (new Lock(), 0L, 0L);
        NixStoreException? error = null;
        using (var rows = new DuckAppender(session, "read_links"))
        {
            Volatile.Write(ref _rows, rows);
            _reader.Read(batch.Count, index => batch[index].Request, (index, answer) =>
            {
                // Parsed outside of the lock, by several threads.
                var (hash, url) = answer.Outcome == BulkOutcome.Read ? LinkText.Read(batch[index].Request.Name, answer.Bytes) : default;
                lock (gate)
                {
                    if (answer.Outcome == BulkOutcome.Unavailable)
                    {
                        skipped++;
                        error ??= answer.Error;
                        return;
                    }

                    unknown += hash is null && url is null ? 1 : 0;
                    rows.Set(0, batch[index].Request.Name);
                    rows.Set(1, batch[index].ETag);
                    rows.Set(2, hash);
                    rows.Set(3, url);
                    rows.EndRow();
                }
            }, cancellation);
            cancellation.ThrowIfCancellationRequested();
            rows.Close();
            Interlocked.Add(ref _settled, rows.Count);
            Volatile.Write(ref _rows, null);
        }

        var step = writer.BeginStep();
        var read = step.Write(CatalogTable.Links, "SELECT * FROM read_links ORDER BY key", cancellation: cancellation);
        step.Commit();
        session.Execute("DROP TABLE read_links", CancellationToken.None);
        return before with { Read = before.Read + read, Findings = before.Findings + unknown, Skipped = before.Skipped + skipped, Error = before.Error ?? error };
    }
}
