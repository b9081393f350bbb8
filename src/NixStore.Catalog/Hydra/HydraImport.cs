using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Hydra;

/// <summary>
/// Reads Hydra's table <c>buildstepoutputs</c> into the table <c>hydra</c>, a range of builds or a file a step. Readers see the table before until all
/// of it is there. A killed import is continued by the next one of the same source.
/// </summary>
public sealed class HydraImport
{
    private readonly CatalogWriter _writer;
    private readonly IHydraSource _source;
    private DuckAppender? _rows;
    private long _settled;

    private readonly bool _all;

    private HydraImport(CatalogWriter writer, IHydraSource source, bool all)
    {
        _writer = writer;
        _source = source;
        _all = all;
    }

    /// <summary>Rows read by now. Any thread.</summary>
    public long RowsDone => Interlocked.Read(ref _settled) + (Volatile.Read(ref _rows)?.Count ?? 0);

    /// <summary>An import from the database.</summary>
    /// <param name="writer">The catalog.</param>
    /// <param name="database">Hydra's.</param>
    /// <param name="all">Read everything, though the catalog has it; otherwise what has come since the last import is read.</param>
    /// <param name="buildsAtOnce">Builds a step.</param>
    public static HydraImport From(CatalogWriter writer, HydraDatabase database, bool all = false, int buildsAtOnce = HydraDatabaseSource.BuildsAtOnce)
        => new(writer, new HydraDatabaseSource(database, buildsAtOnce), all);

    /// <summary>An import from dumps: CSV or tab-separated text as PostgreSQL's COPY writes it, plain, <c>.gz</c> or <c>.zst</c>; or Parquet.</summary>
    /// <param name="writer">The catalog.</param>
    /// <param name="files">All of them: they are the table afterwards.</param>
    /// <param name="all">Read them, though the catalog has them.</param>
    /// <exception cref="NixStoreException">HydraDumpNotFound</exception>
    public static HydraImport From(CatalogWriter writer, IReadOnlyList<string> files, bool all = false) => new(writer, new HydraDumpSource(files), all);

    /// <summary>Does it.</summary>
    /// <returns>What the table is now; null when the catalog had all of it.</returns>
    /// <exception cref="NixStoreException">Of the source; errors of writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public HydraProgress? Run(CancellationToken cancellation = default)
    {
        var known = _writer.Manifest.Hydra;
        var progress = known is { IsComplete: false } && _source.IsContinuation(known) ? known : Begin(known, cancellation);
        if (progress is null)
        {
            return null;
        }

        while (_source.Next(progress, cancellation) is { } next)
        {
            progress = Step(progress, next, cancellation);
        }

        var complete = _source.Complete(progress) with { IsComplete = true, IsAddition = false };
        PendingMerge.Complete(_writer, CatalogTable.Hydra, "Hydra/merge", progress.IsAddition, manifest => manifest with { Hydra = complete }, cancellation);
        return complete;
    }

    private HydraProgress? Begin(HydraProgress? known, CancellationToken cancellation)
    {
        if (_source.Begin(_all ? null : known, cancellation) is not { } begun)
        {
            return null;
        }

        var step = _writer.BeginStep();
        step.DropPending(CatalogTable.Hydra);
        step.Update(manifest => manifest with { Hydra = begun });
        step.Commit();
        return begun;
    }

    private HydraProgress Step(HydraProgress progress, HydraPiece piece, CancellationToken cancellation)
    {
        try
        {
            return StepOf(progress, piece, cancellation);
        }
        catch (DuckException error) when (piece.Explain is not null && error.ErrorId is "CatalogQueryInvalid" or "CatalogQueryFailed" or "CatalogFileUnreadable")
        {
            throw piece.Explain!(error);
        }
    }

    private HydraProgress StepOf(HydraProgress progress, HydraPiece piece, CancellationToken cancellation)
    {
        var session = _writer.Session;
        var directory = _writer.Manifest.StoreDirectory + "/";
        session.Execute("CREATE OR REPLACE TEMP TABLE read_outputs (build BIGINT, stepnr INTEGER, name VARCHAR, path VARCHAR, system VARCHAR, stoptime BIGINT)", cancellation);
        var source = "read_outputs";
        long read;
        if (piece.Read is { } fill)
        {
            using var rows = new DuckAppender(session, source);
            Volatile.Write(ref _rows, rows);
            fill(rows, cancellation);
            rows.Close();
            read = rows.Count;
            Volatile.Write(ref _rows, null);
        }
        else
        {
            source = $"({piece.Select!(session)})";
            read = session.QueryNumber($"SELECT count(*) FROM {source}", cancellation);
        }

        var step = _writer.BeginStep();
        step.Write(CatalogTable.Hydra, SqlText.Of("Hydra/rows", ("source", source)), pending: true, cancellation, directory, directory.Length);
        var skipped = session.QueryNumber(SqlText.Of("Hydra/skipped", ("source", source)), cancellation, directory, directory.Length);
        var done = piece.Done(progress, read) with { Rows = progress.Rows + read, Skipped = progress.Skipped + skipped };
        step.Update(manifest => manifest with { Hydra = done });
        step.Commit();
        Interlocked.Add(ref _settled, read);
        session.Execute("DROP TABLE read_outputs", CancellationToken.None);
        return done;
    }
}
