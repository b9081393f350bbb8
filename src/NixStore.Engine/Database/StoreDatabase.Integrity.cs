using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>Whether the database can be believed.</summary>
public sealed partial class StoreDatabase
{
    private const int MaximumFindings = 5;

    /// <summary>
    /// What is wrong with the database as a whole: damaged pages, indices that lack rows, references without rows. Reads all of it.
    /// </summary>
    /// <returns>The first few findings, as SQLite words them; empty when it is sound.</returns>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellation) => Guard(() =>
    {
        cancellation.ThrowIfCancellationRequested();
        using var interruption = cancellation.Register(() => SQLitePCL.raw.sqlite3_interrupt(_connection.Handle));
        try
        {
            return FindFaults();
        }
        catch (SqliteException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    });

    private List<string> FindFaults()
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
    }
}
