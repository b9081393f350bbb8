using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Writes a whole database into a file that nobody else knows yet: without a log on the disk, since a file that was not finished is thrown
/// away, and all of it on the disk when it is done.
/// </summary>
internal static class NewDatabase
{
    private const int Mode = 0b110_100_100;

    /// <summary>What SQLite may leave beside a database.</summary>
    private static readonly string[] s_suffixes = ["", "-journal", "-wal", "-shm"];

    /// <summary>Writes rows; each refers only to rows among them.</summary>
    /// <param name="file">Where; what an earlier attempt left there is replaced.</param>
    /// <param name="rows">The rows and their ids, in ascending order of these.</param>
    /// <param name="cancellation">Ends it, and the file is gone.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal static void Write(string file, IReadOnlyList<(long Id, ForgottenRow Row)> rows, CancellationToken cancellation)
    {
        SqliteLibrary.EnsureReady();
        Remove(file);
        try
        {
            Posix.Open(file, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, Mode).Dispose();
            Fill(file, rows, cancellation);
            using var finished = Posix.Open(file, OpenFlags.ReadOnly);
            Posix.Fsync(finished);
        }
        catch (SqliteException error)
        {
            Remove(file);
            throw StoreDatabaseException.From(error, file);
        }
        catch
        {
            Remove(file);
            throw;
        }
    }

    private static void Fill(string file, IReadOnlyList<(long Id, ForgottenRow Row)> rows, CancellationToken cancellation)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        connection.Open();
        Execute(connection, "pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -65536;");
        using (var transaction = connection.BeginTransaction())
        {
            Execute(connection, ReadSchema());
            Insert(connection, rows, cancellation);
            transaction.Commit();
        }

        // As Nix wants to find it: locked by nobody, and with a log from the next write on.
        Execute(connection, "pragma locking_mode = normal; pragma journal_mode = wal;");
    }

    private static void Insert(SqliteConnection connection, IReadOnlyList<(long Id, ForgottenRow Row)> rows, CancellationToken cancellation)
    {
        using var path = Prepare(connection, "insert into ValidPaths (id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) values", 9);
        using var reference = Prepare(connection, "insert into Refs (referrer, reference) values", 2);
        using var output = Prepare(connection, "insert into DerivationOutputs (drv, id, path) values", 3);
        var ids = new Dictionary<string, long>(rows.Count, StringComparer.Ordinal);
        foreach (var (id, row) in rows)
        {
            ids.Add(row.Path, id);
            Run(path, id, row.Path, row.Hash, row.RegistrationTime, row.Deriver, row.NarSize, row.Ultimate, row.Signatures, row.ContentAddress);
            foreach (var (name, outputPath) in row.Outputs)
            {
                Run(output, id, name, outputPath);
            }

            cancellation.ThrowIfCancellationRequested();
        }

        foreach (var (id, row) in rows)
        {
            foreach (var referenced in row.References)
            {
                Run(reference, id, ids[referenced]);
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string insert, int columns)
    {
        var command = connection.CreateCommand();
        var names = Enumerable.Range(0, columns).Select(column => $"$c{column}").ToList();
        command.CommandText = $"{insert} ({string.Join(", ", names)})";
        foreach (var name in names)
        {
            command.Parameters.Add(new SqliteParameter(name, null));
        }

        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string ReadSchema()
    {
        using var stream = typeof(NewDatabase).Assembly.GetManifestResourceStream("schema.sql")!;
        using var text = new StreamReader(stream);
        return text.ReadToEnd();
    }

    private static void Remove(string file)
    {
        foreach (var leftover in s_suffixes.Select(suffix => file + suffix).Where(File.Exists))
        {
            File.Delete(leftover);
        }
    }
}
