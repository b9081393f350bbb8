using System.Text;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Pruning.Trash;
using NixStore.Catalog.Sql;
using Npgsql;

namespace NixStore.Catalog.Pruning.Hydra;

/// <summary>Puts rows of <c>buildstepoutputs</c> back that a plan has deleted, from the undo files in its trash. As often as one likes.</summary>
internal sealed class HydraUndo(TrashFolder trash, HydraDatabase database)
{
    /// <summary>Does it.</summary>
    /// <param name="paths">Only rows of these paths; null = all.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>Rows that were not there.</returns>
    /// <exception cref="NixStoreException">HydraTableMissing, HydraAccessDenied and other errors of the database; errors of reading.</exception>
    internal async Task<long> Run(IReadOnlyCollection<string>? paths, CancellationToken cancellation)
    {
        try
        {
            using var connection = database.Connect(readOnly: false, cancellation);
            var restored = 0L;
            await foreach (var (_, bytes) in trash.ReadFiles(HydraPruning.FolderName, cancellation).ConfigureAwait(false))
            {
                restored += await Restore(connection, Encoding.UTF8.GetString(bytes), paths, cancellation).ConfigureAwait(false);
            }

            return restored;
        }
        catch (NpgsqlException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw HydraErrors.From(error, database);
        }
    }

    private static async Task<long> Restore(NpgsqlConnection connection, string csv, IReadOnlyCollection<string>? paths, CancellationToken cancellation)
    {
        using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        using (var create = new NpgsqlCommand("create temp table undo (like buildstepoutputs) on commit drop", connection, transaction))
        {
            await create.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        // By the names in the file: a newer Hydra may have its columns in another order.
        var columns = string.Join(", ", csv[..csv.IndexOf('\n', StringComparison.Ordinal)].TrimEnd('\r').Split(',').Select(DuckDB.DuckSession.QuoteName));
        using (var writer = await connection.BeginTextImportAsync($"copy undo ({columns}) from stdin (format csv, header true)", cancellation).ConfigureAwait(false))
        {
            await writer.WriteAsync(csv.AsMemory(), cancellation).ConfigureAwait(false);
        }

        using var insert = new NpgsqlCommand(SqlText.Of("Pruning/Hydra/restore"), connection, transaction);
        insert.Parameters.Add(new NpgsqlParameter { Value = paths is null ? DBNull.Value : paths.ToArray(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
        var count = await insert.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return count;
    }
}
