using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Sql;
using NixStore.Engine.Writing;
using Npgsql;
using NpgsqlTypes;

namespace NixStore.Catalog.Pruning.Hydra;

/// <summary>
/// Deletes the rows of <c>buildstepoutputs</c> whose paths were pruned, in batches by hash. Before a batch is committed, the rows that it has deleted,
/// these and no others, are in a CSV file on the disk and in the trash: it may be there without the deletion, never the other way round.
/// </summary>
internal sealed class HydraPruning(PrunePlan plan, HydraDatabase database, PruneJournal journal, TrashFolder trash)
{
    /// <summary>The folder of the undo files, in <c>run/</c> and in the trash.</summary>
    internal const string FolderName = "hydra-undo";

    private readonly Lazy<HashSet<string>> _changed = new(() => journal.State.Done.SelectMany(batch => batch.Changed).ToHashSet(StringComparer.Ordinal));

    /// <summary>Paths a transaction.</summary>
    internal int BatchSize { get; init; } = 10_000;

    /// <summary>Does it; gives the number of rows deleted by this run.</summary>
    /// <exception cref="NixStoreException">HydraTableMissing, HydraAccessDenied and other errors of the database; errors of writing.</exception>
    internal async Task<long> Run(PruneProgress progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(journal.Folder, FolderName));
        try
        {
            using var connection = database.Connect(readOnly: false, cancellation);
            Execute(connection, null, SqlText.Of("Pruning/Hydra/tables"));
            using var session = plan.OpenSession();
            session.Execute(SqlText.Of("Pruning/Applying/tables"), cancellation);
            FillTaken(session);
            var total = 0L;
            using var rows = session.Query(SqlText.Of("Pruning/Hydra/paths"), cancellation, journal.State.HydraAfter);
            while (true)
            {
                var (last, paths) = NextPaths(rows);
                if (last is null)
                {
                    journal.Add(new HydraDeleted(null, 0));
                    return total;
                }

                var deleted = await Batch(connection, paths, last, cancellation).ConfigureAwait(false);
                journal.Add(new HydraDeleted(last, deleted));
                total += deleted;
                progress.Add(deleted, 0);
            }
        }
        catch (NpgsqlException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw HydraErrors.From(error, database);
        }
    }

    private void FillTaken(DuckSession session)
    {
        using var taken = new DuckAppender(session, "taken");
        foreach (var (first, last) in journal.State.DoneRanges(1))
        {
            taken.Set(0, first);
            taken.Set(1, last);
            taken.EndRow();
        }

        taken.Close();
    }

    /// <summary>Paths that stay keep their rows.</summary>
    private (string? Last, List<string> Paths) NextPaths(DuckRows rows)
    {
        var (last, paths, count) = ((string?)null, new List<string>(), 0);
        while (count < BatchSize && rows.Read())
        {
            last = rows.GetText(0);
            count++;
            if (!journal.State.KeptPaths.ContainsKey(last) && !_changed.Value.Contains(last + ".narinfo"))
            {
                paths.Add($"{plan.Summary.StoreDirectory}/{last}-{rows.GetText(1)}");
            }
        }

        return (last, paths);
    }

    private async Task<long> Batch(NpgsqlConnection connection, List<string> paths, string last, CancellationToken cancellation)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        using (var copy = await connection.BeginBinaryImportAsync("copy pruned from stdin (format binary)", cancellation).ConfigureAwait(false))
        {
            foreach (var path in paths)
            {
                await copy.StartRowAsync(cancellation).ConfigureAwait(false);
                await copy.WriteAsync(path, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            }

            await copy.CompleteAsync(cancellation).ConfigureAwait(false);
        }

        Execute(connection, transaction, "analyze pruned");
        var deleted = Execute(connection, transaction, SqlText.Of("Pruning/Hydra/delete"));
        if (deleted > 0)
        {
            string csv;
            using (var reader = await connection.BeginTextExportAsync(SqlText.Of("Pruning/Hydra/copy"), cancellation).ConfigureAwait(false))
            {
                csv = await reader.ReadToEndAsync(cancellation).ConfigureAwait(false);
            }

            var (name, bytes) = ($"{last}.csv", Encoding.UTF8.GetBytes(csv));
            DurableFile.Write(Path.Combine(journal.Folder, FolderName, name), stream => stream.Write(bytes));
            await trash.WriteFile($"{FolderName}/{name}", bytes, cancellation).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return deleted;
    }

    private static int Execute(NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection, transaction);
        return command.ExecuteNonQuery();
    }
}
