using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Examination;

/// <summary>
/// Rows that name rows that do not exist (NIX-ON-DAMAGE, cases f1 to f3, g1, g2). For the tables of every store the question is asked such that
/// the path at the other end is known; for all others, SQLite's foreign_key_check answers.
/// </summary>
internal sealed class ForeignKeyCheck : IDatabaseCheck
{
    private static readonly string[] s_own = ["ValidPaths", "Refs", "DerivationOutputs"];

    /// <inheritdoc/>
    public string Subject => "references between rows";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined) =>
    [
        .. examined.TryRead($"{Subject}, table Refs", connection => CheckReferences(examined, connection)),
        .. examined.TryRead($"{Subject}, table DerivationOutputs", connection => CheckOutputs(examined, connection)),
        .. examined.TryRead($"{Subject}, other tables", connection => CheckOthers(examined, connection)),
    ];

    private static List<StoreDatabaseFinding> CheckReferences(ExaminedStore examined, SqliteConnection connection)
    {
        using var row = new Statement(connection,
            "select r.rowid, r.referrer, r.reference, a.path, b.path from Refs r not indexed left join ValidPaths a on a.id = r.referrer "
            + "left join ValidPaths b on b.id = r.reference where a.id is null or b.id is null");
        var findings = new List<StoreDatabaseFinding>();
        while (row.Step())
        {
            var (referrer, reference) = (row.Text(3), row.Text(4));
            var detail = (referrer, reference) switch
            {
                (null, null) => $"row {row.Int64(1)} is said to refer to row {row.Int64(2)}; neither exists",
                (null, _) => $"row {row.Int64(1)}, which does not exist, is said to refer to this path: Nix cannot delete it",
                _ => $"this path refers to row {row.Int64(2)}, which does not exist: a collection may delete what it needs",
            };
            findings.Add(examined.Found(StoreDatabaseFindingKind.ReferenceDangling, detail, "Refs", row.Int64(0), referrer ?? reference));
        }

        return findings;
    }

    private static List<StoreDatabaseFinding> CheckOutputs(ExaminedStore examined, SqliteConnection connection)
    {
        using var row = new Statement(connection,
            "select o.rowid, o.drv, o.id, o.path from DerivationOutputs o not indexed left join ValidPaths p on p.id = o.drv where p.id is null");
        var findings = new List<StoreDatabaseFinding>();
        while (row.Step())
        {
            findings.Add(examined.Found(StoreDatabaseFindingKind.OutputDangling,
                $"this path is said to be output '{row.Text(2)}' of the derivation in row {row.Int64(1)}, which does not exist", "DerivationOutputs",
                row.Int64(0), row.Text(3)));
        }

        return findings;
    }

    private static List<StoreDatabaseFinding> CheckOthers(ExaminedStore examined, SqliteConnection connection)
    {
        var findings = new List<StoreDatabaseFinding>();
        foreach (var table in ReadOtherTables(connection))
        {
            using var row = new Statement(connection, $"pragma foreign_key_check(\"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\")");
            while (row.Step())
            {
                findings.Add(examined.Found(StoreDatabaseFindingKind.ForeignKeyBroken,
                    $"a row of table {table} refers to a row of {row.Text(2)} that does not exist", table, row.IsNull(1) ? null : row.Int64(1)));
            }
        }

        return findings;
    }

    private static List<string> ReadOtherTables(SqliteConnection connection)
    {
        using var row = new Statement(connection, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
        var tables = new List<string>();
        while (row.Step())
        {
            if (row.Text(0) is { } table && !s_own.Contains(table))
            {
                tables.Add(table);
            }
        }

        return tables;
    }
}
