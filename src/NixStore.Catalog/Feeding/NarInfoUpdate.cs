using System.Globalization;
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
    public int StepSize { get; init; } = 250_000;

    /// <summary>How far it is; read by another thread.</summary>
    public FeedProgress Progress { get; init; } = new();

    /// <summary>What an update of a catalog would do; nothing is changed.</summary>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public static FeedPlan Plan(CacheCatalog catalog, CancellationToken cancellation = default)
    {
        using var session = catalog.OpenSession();
        return new FeedPlan(
            session.QueryNumber($"SELECT count(*) FROM ({SqlText.Of("wanted")})", cancellation),
            IsListed(catalog.Manifest) ? session.QueryNumber($"SELECT count(*) FROM ({Outdated(catalog.Manifest)})", cancellation) : 0);
    }

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
        var result = new FeedResult(0, removed, 0);
        for (long done = 0; done < Progress.Total; done += StepSize)
        {
            result = Step(session, NextBatch(session, done, cancellation), result, cancellation);
        }

        session.Execute("DROP TABLE wanted", cancellation);
        SharedNars.Refresh(writer, cancellation);
        return result;
    }

    // Without a listing nothing is known to be gone.
    private static bool IsListed(CatalogManifest manifest) => manifest[CatalogTable.Objects].Parts.Count > 0;

    private static string Outdated(CatalogManifest manifest)
    {
        // A narinfo that was written after the inventory was made is not in it, and is not gone.
        var listed = manifest.Imports.LastOrDefault(import => import is { IsComplete: true, Kind: not CatalogImportKind.Dataset })?.Created is { } created
            ? DuckSession.Quote(created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)) : "NULL";
        return SqlText.Of("outdated", ("listed", listed));
    }

    private long RemoveOutdated(DuckSession session, CancellationToken cancellation)
    {
        if (!IsListed(writer.Manifest))
        {
            return 0;
        }

        session.Execute($"CREATE OR REPLACE TEMP TABLE outdated AS {Outdated(writer.Manifest)}", cancellation);
        var count = TableRemoval.Remove(writer, CatalogTable.NarInfos, "hash", "SELECT hash FROM outdated", cancellation);
        session.Execute("DROP TABLE outdated", cancellation);

        session.Execute($"CREATE OR REPLACE TEMP TABLE outdated AS {SqlText.Of("outdatedfindings")}", cancellation);
        _ = TableRemoval.Remove(writer, CatalogTable.Findings, "key", "SELECT key FROM outdated", cancellation);
        session.Execute("DROP TABLE outdated", cancellation);
        return count;
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
