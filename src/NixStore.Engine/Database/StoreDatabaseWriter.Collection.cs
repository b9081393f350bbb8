using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>What a collection asks of the database: whether it can be believed, all of it at one moment, and to forget paths.</summary>
public sealed partial class StoreDatabaseWriter
{
    private const int MaximumFindings = 5;

    /// <summary>
    /// What is wrong with the database as a whole: damaged pages, indices that lack rows, references without rows. Reads all of it.
    /// </summary>
    /// <returns>The first few findings, as SQLite words them; empty when it is sound.</returns>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellation) => Read(cancellation, () =>
    {
        var findings = new List<string>();
        using (var row = new Statement(_connection, $"pragma integrity_check({MaximumFindings})"))
        {
            while (row.Step())
            {
                if (row.Text(0) is var finding && finding != "ok")
                {
                    findings.Add(finding ?? "");
                }
            }
        }

        using (var row = new Statement(_connection, "pragma foreign_key_check"))
        {
            while (findings.Count < MaximumFindings && row.Step())
            {
                findings.Add($"row {row.Int64(1)} of table {row.Text(0)} refers to a row of {row.Text(2)} that does not exist");
            }
        }

        return findings;
    });

    /// <summary>Forgets paths in one transaction, which is on the disk when this returns (Nix libstore/local-store.cc:invalidatePath).</summary>
    /// <param name="rows">Ids of their rows, referrers before what they refer to.</param>
    /// <returns>Those that are still there, because something else refers to them.</returns>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<long> Forget(IReadOnlyCollection<long> rows)
    {
        var refused = new List<long>();
        InTransaction(() =>
        {
            refused.Clear();
            using var statement = new Statement(_connection, "delete from ValidPaths where id = ?");
            foreach (var row in rows)
            {
                try
                {
                    statement.With(row).Step();
                }
                catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT)
                {
                    refused.Add(row);
                }
            }
        });
        return refused;
    }

    /// <summary>
    /// Makes every commit from now on wait for the disk: who deletes files after their rows must not find the rows back after a power failure.
    /// </summary>
    /// <exception cref="StoreDatabaseException"/>
    public void CommitToDisk() => Read(CancellationToken.None, () => Execute("pragma synchronous = full"));

    /// <summary>Reads as much as wanted from one state of the database.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal T ReadConsistently<T>(Func<SqliteConnection, T> read, CancellationToken cancellation) => Read(cancellation, () =>
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        return read(_connection);
    });

    private T Read<T>(CancellationToken cancellation, Func<T> read)
    {
        lock (_gate)
        {
            using var interruption = cancellation.Register(() => SQLitePCL.raw.sqlite3_interrupt(_connection.Handle));
            try
            {
                return read();
            }
            catch (SqliteException error)
            {
                cancellation.ThrowIfCancellationRequested();
                throw StoreDatabaseException.From(error, _store.DatabasePath);
            }
        }
    }
}
