using NixStore.Catalog.ClickHouse;
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
public sealed class NarInfoUpdate(ICatalogWriter writer, INarInfoFeed feed)
{
    /// <summary>Narinfos a step; a part of the table is as large.</summary>
    public int StepSize { get; init; } = 250_000;

    /// <summary>How far it is; read by another thread.</summary>
    public FeedProgress Progress { get; init; } = new();

    /// <summary>What an update of a catalog would do; nothing is changed.</summary>
    /// <exception cref="NixStoreException">Of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static FeedPlan Plan(ICatalog catalog, CancellationToken cancellation = default)
        => catalog is ClusterCatalog cluster ? ClusterFeeding.Plan(cluster, cancellation) : Plan((CacheCatalog)catalog, cancellation);

    private static FeedPlan Plan(CacheCatalog catalog, CancellationToken cancellation)
    {
        using var session = catalog.OpenSession();
        return new FeedPlan(
            session.QueryNumber($"SELECT count(*) FROM ({SqlText.Of("wanted")})", cancellation),
            OutdatedRows.IsListed(catalog.Manifest) ? session.QueryNumber($"SELECT count(*) FROM ({OutdatedRows.NarInfos(catalog.Manifest)})", cancellation) : 0);
    }

    /// <summary>Does it.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="NixStoreException">Of the feed; <see cref="DuckException"/>; errors of writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public FeedResult Run(CancellationToken cancellation = default)
    {
        var session = writer.Session;
        var removed = writer.RemoveOutdated(cancellation);
        writer.FindWanted(cancellation);
        Progress.Total = session.QueryNumber("SELECT count(*) FROM wanted", cancellation);
        var result = new FeedResult(0, removed, 0);
        for (long done = 0; done < Progress.Total; done += StepSize)
        {
            result = Step(session, NextBatch(session, done, cancellation), result, cancellation);
        }

        session.Execute("DROP TABLE wanted", cancellation);
        writer.RefreshShared(cancellation);
        return result;
    }

    // The table is in order, and rows are found by their number without a search.
    private List<CatalogObject> NextBatch(DuckSession session, long start, CancellationToken cancellation)
    {
        var batch = new List<CatalogObject>(StepSize);
        using var rows = session.Query("SELECT hash, e_tag, last_modified_date, size FROM wanted WHERE rowid >= $1 AND rowid < $2 ORDER BY hash",
            cancellation, start, start + StepSize);
        while (rows.Read())
        {
            batch.Add(new CatalogObject(rows.GetText(0), rows.TryGetText(1), rows.TryGetTime(2), rows.IsNull(3) ? null : rows.GetInt64(3)));
        }

        return batch;
    }

    private FeedResult Step(DuckSession session, List<CatalogObject> batch, FeedResult before, CancellationToken cancellation)
    {
        session.Execute("CREATE OR REPLACE TEMP TABLE read_narinfos AS FROM form.narinfos; CREATE OR REPLACE TEMP TABLE read_findings AS FROM form.findings", cancellation);
        NarInfoAppender sink;
        using (var narInfos = new DuckAppender(session, "read_narinfos"))
        using (var findings = new DuckAppender(session, "read_findings"))
        {
            sink = new NarInfoAppender(narInfos, findings, new StoreDirectory(writer.Manifest.StoreDirectory));
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
        return before with
        {
            Read = before.Read + rows,
            Findings = before.Findings + bad,
            Skipped = before.Skipped + sink.Skipped,
            Error = before.Error ?? sink.Error,
        };
    }
}
