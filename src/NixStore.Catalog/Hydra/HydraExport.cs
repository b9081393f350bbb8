using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;
using Npgsql;
using NpgsqlTypes;

namespace NixStore.Catalog.Hydra;

/// <summary>
/// Writes what Hydra lacks of the narinfos, references and the NARs' URLs, into tables of its own in Hydra's database (Sql/Hydra/schema.sql): afterwards
/// they are those of the catalog. In batches by hash, each a transaction; a killed export is continued by the next one.
/// </summary>
/// <param name="catalog">The catalog.</param>
/// <param name="database">Hydra's.</param>
public sealed class HydraExport(CacheCatalog catalog, HydraDatabase database)
{
    // Any number that nobody else takes; 64 bits of the schema's name and purpose.
    private const long LockNumber = 0x6e69_7873_746f_7265;
    private const string AfterAll = "~";
    private long _done;

    /// <summary>Narinfos a transaction.</summary>
    public int BatchSize { get; init; } = 50_000;

    /// <summary>Narinfos written by now. Any thread.</summary>
    public long RowsDone => Interlocked.Read(ref _done);

    /// <summary>Is told of each batch that is in the database; null = nobody.</summary>
    internal Action? AfterBatch { get; init; }

    /// <summary>Does it.</summary>
    /// <exception cref="NixStoreException">
    /// HydraTableMissing: it is no database of Hydra; HydraExportBusy; HydraExportOfAnotherCache; CatalogTableEmpty; HydraAccessDenied and other errors of
    /// the database; errors of reading.
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    public HydraExportResult Run(CancellationToken cancellation = default)
    {
        if (catalog.Manifest[CatalogTable.NarInfos].Rows == 0)
        {
            throw new NixStoreException("CatalogTableEmpty", StoreErrorKind.NotFound, $"There are no narinfos in the catalog '{catalog}'.", catalog.Directory,
                "Fetch them first by Update-BinaryCacheCatalog.");
        }

        try
        {
            using var connection = database.Connect(readOnly: false, cancellation);
            Lock(connection);
            var last = Prepare(connection);
            return last is null ? new HydraExportResult(0, 0, 0) : Write(connection, last, cancellation);
        }
        catch (NpgsqlException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw HydraErrors.From(error, database);
        }
    }

    /// <summary>Which narinfos they are: those of the same parts are the same.</summary>
    private string State => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', catalog.Manifest[CatalogTable.NarInfos].Parts))));

    private string CacheName => catalog.Manifest.Cache ?? catalog.Directory;

    private void Lock(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new NpgsqlParameter { Value = LockNumber } } };
        if (command.ExecuteScalar() is not true)
        {
            throw new NixStoreException("HydraExportBusy", StoreErrorKind.Busy, $"Another export to '{database}' is at work.", database.Name, "Wait for it to end.");
        }
    }

    /// <summary>Makes the tables; the hash that the export goes on behind, or null when there is nothing to do.</summary>
    private string? Prepare(NpgsqlConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        var directory = catalog.Manifest.StoreDirectory + "/";
        using (var schema = new NpgsqlCommand(
            SqlText.Of("Hydra/schema", ("start", (directory.Length + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)), ("directory", DuckSession.Quote(directory))), connection))
        {
            schema.ExecuteNonQuery();
        }

        (string Cache, string State, string Last, bool Finished)? known = null;
        using (var command = new NpgsqlCommand("select cache, state, last_hash, finished from nixstore.export", connection))
        using (var rows = command.ExecuteReader())
        {
            if (rows.Read())
            {
                known = (rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetBoolean(3));
            }
        }

        if (known is { } other && other.Cache != CacheName)
        {
            throw new NixStoreException("HydraExportOfAnotherCache", StoreErrorKind.InvalidArgument, $"'{database}' has the references of '{other.Cache}', not of '{CacheName}'.",
                database.Name, "Export the catalog of that cache, or remove the old tables by: drop schema nixstore cascade.");
        }

        if (known is { } same && same.State == State)
        {
            transaction.Commit();
            return same.Finished ? null : same.Last;
        }

        using (var begin = new NpgsqlCommand(
            "insert into nixstore.export (cache, state, last_hash, finished) values ($1, $2, '', false) on conflict (only_row) do update set state = excluded.state, last_hash = '', finished = false",
            connection) { Parameters = { new NpgsqlParameter { Value = CacheName }, new NpgsqlParameter { Value = State } } })
        {
            begin.ExecuteNonQuery();
        }

        transaction.Commit();
        return "";
    }

    private HydraExportResult Write(NpgsqlConnection connection, string last, CancellationToken cancellation)
    {
        using (var command = new NpgsqlCommand("create temp table incoming (hash text collate \"C\", name text, url text, file_size bigint, nar_size bigint, refs text[]) on commit delete rows", connection))
        {
            command.ExecuteNonQuery();
        }

        var result = new HydraExportResult(0, 0, 0);
        using var session = catalog.OpenSession();
        foreach (var range in HashRange.For(catalog.Manifest[CatalogTable.NarInfos].Rows))
        {
            if (range.Until is { } until && string.CompareOrdinal(until, last) <= 0)
            {
                continue;
            }

            using var rows = session.Query(SqlText.Of("Hydra/export", ("range", range.Condition("hash"))), cancellation, last);
            while (Batch(connection, rows, last, cancellation) is var (first, batch) && first is not null)
            {
                (last, result) = (first, result + batch);
            }
        }

        return result + Finish(connection, last);
    }

    /// <summary>Writes a batch; its last hash is null when there was nothing more.</summary>
    private (string? Last, HydraExportResult Result) Batch(NpgsqlConnection connection, DuckRows rows, string before, CancellationToken cancellation)
    {
        string? last = null;
        var count = 0;
        using var transaction = connection.BeginTransaction();
        using (var copy = connection.BeginBinaryImport("copy incoming from stdin (format binary)"))
        {
            while (count < BatchSize && rows.Read())
            {
                last = rows.GetText(0);
                copy.StartRow();
                copy.Write(last, NpgsqlDbType.Text);
                copy.Write(rows.GetText(1), NpgsqlDbType.Text);
                copy.Write(rows.GetText(2), NpgsqlDbType.Text);
                Write(copy, rows.TryGetInt64(3));
                Write(copy, rows.TryGetInt64(4));
                copy.Write(rows.GetTexts(5), NpgsqlDbType.Array | NpgsqlDbType.Text);
                count++;
            }

            cancellation.ThrowIfCancellationRequested();
            copy.Complete();
        }

        if (last is null)
        {
            return (null, new HydraExportResult(0, 0, 0));
        }

        var result = Apply(connection, before, last);
        Note(connection, last, finished: false);
        transaction.Commit();
        Interlocked.Add(ref _done, count);
        AfterBatch?.Invoke();
        return (last, result);
    }

    private static void Write(NpgsqlBinaryImporter copy, long? number)
    {
        if (number is { } value)
        {
            copy.Write(value, NpgsqlDbType.Bigint);
        }
        else
        {
            copy.WriteNull();
        }
    }

    private static HydraExportResult Finish(NpgsqlConnection connection, string last)
    {
        using var transaction = connection.BeginTransaction();
        var result = Apply(connection, last, AfterAll);
        Note(connection, "", finished: true);
        transaction.Commit();
        return result;
    }

    private static HydraExportResult Apply(NpgsqlConnection connection, string before, string last)
    {
        using var command = new NpgsqlCommand(SqlText.Of("Hydra/write"), connection) { Parameters = { new NpgsqlParameter { Value = before }, new NpgsqlParameter { Value = last } } };
        using var rows = command.ExecuteReader();
        rows.Read();
        return new HydraExportResult(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
    }

    private static void Note(NpgsqlConnection connection, string last, bool finished)
    {
        using var command = new NpgsqlCommand("update nixstore.export set last_hash = $1, finished = $2", connection)
        {
            Parameters = { new NpgsqlParameter { Value = last }, new NpgsqlParameter { Value = finished } },
        };
        command.ExecuteNonQuery();
    }
}

/// <summary>What an export has done, in narinfos.</summary>
/// <param name="Added">That were not there.</param>
/// <param name="Changed">That were different.</param>
/// <param name="Removed">That the cache does not have any more.</param>
public sealed record HydraExportResult(long Added, long Changed, long Removed)
{
    /// <summary>Both together.</summary>
    public static HydraExportResult operator +(HydraExportResult left, HydraExportResult right)
        => new(left.Added + right.Added, left.Changed + right.Changed, left.Removed + right.Removed);
}
