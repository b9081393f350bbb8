using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Feeding;

/// <summary>
/// Brings the narinfos of a catalog up to what its table <c>objects</c> says, through a feed: reads those that are new or have changed, drops those
/// that are gone. A killed run is continued by the next one: the narinfos are read in the order of their hashes, a step at a time.
/// </summary>
/// <param name="writer">The catalog.</param>
/// <param name="feed">Where the narinfos come from.</param>
public sealed class NarInfoUpdate(CatalogWriter writer, INarInfoFeed feed)
{
    /// <summary>Narinfos a step; a part of the table is as large.</summary>
    public int StepSize { get; init; } = 1_000_000;

    /// <summary>How far it is; read by another thread.</summary>
    public FeedProgress Progress { get; } = new();

    /// <summary>Does it.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="NixStoreException">Of the feed; <see cref="DuckException"/>; errors of writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public FeedResult Run(CancellationToken cancellation = default)
    {
        var session = writer.Session;
        var removed = RemoveOutdated(session, cancellation);
        session.Execute($"CREATE OR REPLACE TEMP TABLE wanted AS {SqlText.Of("wanted")}", cancellation);
        Progress.Total = session.QueryNumber("SELECT count(*) FROM wanted", cancellation);
        long read = 0, findings = 0;
        string? last = null;
        for (; ; )
        {
            var batch = NextBatch(session, last, cancellation);
            if (batch.Count == 0)
            {
                break;
            }

            var (rows, bad) = Step(session, batch, cancellation);
            (read, findings, last) = (read + rows, findings + bad, batch[^1].HashPart);
        }

        session.Execute("DROP TABLE wanted", cancellation);
        SharedNars.Refresh(writer, cancellation);
        return new FeedResult(read, removed, findings);
    }

    private long RemoveOutdated(DuckSession session, CancellationToken cancellation)
    {
        // Without a listing nothing is known to be gone.
        if (writer.Manifest[CatalogTable.Objects].Parts.Count == 0)
        {
            return 0;
        }

        session.Execute($"CREATE OR REPLACE TEMP TABLE outdated AS {SqlText.Of("outdated")}", cancellation);
        var count = TableRemoval.Remove(writer, CatalogTable.NarInfos, "hash", "SELECT hash FROM outdated", cancellation);
        session.Execute("DROP TABLE outdated", cancellation);

        session.Execute("""
            CREATE OR REPLACE TEMP TABLE outdated AS SELECT f.key FROM findings f
            LEFT JOIN objects o ON o.key = f.key AND coalesce(o.is_latest, true) AND NOT coalesce(o.is_delete_marker, false)
            WHERE ends_with(f.key, '.narinfo') AND (o.key IS NULL OR o.e_tag IS DISTINCT FROM f.e_tag)
            """, cancellation);
        _ = TableRemoval.Remove(writer, CatalogTable.Findings, "key", "SELECT key FROM outdated", cancellation);
        session.Execute("DROP TABLE outdated", cancellation);
        return count;
    }

    private List<CatalogObject> NextBatch(DuckSession session, string? last, CancellationToken cancellation)
    {
        var batch = new List<CatalogObject>();
        using var rows = session.Query("SELECT hash, e_tag, last_modified_date FROM wanted WHERE $1 IS NULL OR hash > $1 ORDER BY hash LIMIT $2",
            cancellation, last, StepSize);
        while (rows.Read())
        {
            batch.Add(new CatalogObject(rows.GetText(0), rows.TryGetText(1), rows.TryGetTime(2)));
        }

        return batch;
    }

    private (long Rows, long Findings) Step(DuckSession session, List<CatalogObject> batch, CancellationToken cancellation)
    {
        session.Execute("CREATE OR REPLACE TEMP TABLE read_narinfos AS FROM form.narinfos; CREATE OR REPLACE TEMP TABLE read_findings AS FROM form.findings", cancellation);
        using (var narInfos = new DuckAppender(session, "read_narinfos"))
        using (var findings = new DuckAppender(session, "read_findings"))
        {
            var sink = new NarInfoAppender(narInfos, findings, new StoreDirectory(writer.Manifest.StoreDirectory));
            Progress.Follow(() => sink.Count);
            feed.Read(batch, sink, cancellation);
            cancellation.ThrowIfCancellationRequested();
            narInfos.Close();
            findings.Close();
            Progress.Settle();
        }

        var step = writer.BeginStep();
        var rows = step.Write(CatalogTable.NarInfos, "SELECT * FROM read_narinfos ORDER BY hash", cancellation: cancellation);
        var bad = step.Write(CatalogTable.Findings, "SELECT * FROM read_findings ORDER BY key", cancellation: cancellation);
        step.Commit();
        session.Execute("DROP TABLE read_narinfos; DROP TABLE read_findings", CancellationToken.None);
        return (rows, bad);
    }
}
