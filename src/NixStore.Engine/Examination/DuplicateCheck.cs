using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Examination;

/// <summary>Several rows for one thing: what a lost index lets Nix write (NIX-ON-DAMAGE, case h7).</summary>
internal sealed class DuplicateCheck : IDatabaseCheck
{
    private const string Paths = "select max(rowid), count(*), group_concat(rowid, ', '), path from ValidPaths not indexed group by path having count(*) > 1";

    private const string References =
        "select max(r.rowid), count(*), r.referrer || ' to row ' || r.reference, (select path from ValidPaths where id = r.referrer) "
        + "from Refs r not indexed group by r.referrer, r.reference having count(*) > 1";

    private const string Outputs =
        "select max(o.rowid), count(*), quote(o.id), (select path from ValidPaths where id = o.drv) "
        + "from DerivationOutputs o not indexed group by o.drv, o.id having count(*) > 1";

    /// <inheritdoc/>
    public string Subject => "duplicate rows";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined) =>
    [
        .. Read(examined, "ValidPaths", Paths, "rows have this path: rows"),
        .. Read(examined, "Refs", References, "rows say the same: row"),
        .. Read(examined, "DerivationOutputs", Outputs, "rows are for its output"),
    ];

    private List<StoreDatabaseFinding> Read(ExaminedStore examined, string table, string sql, string what)
        => examined.TryRead($"{Subject}, table {table}", connection => Read(examined, connection, table, sql, what));

    private static List<StoreDatabaseFinding> Read(ExaminedStore examined, SqliteConnection connection, string table, string sql, string what)
    {
        using var row = new Statement(connection, sql);
        var findings = new List<StoreDatabaseFinding>();
        while (row.Step())
        {
            findings.Add(examined.Found(
                StoreDatabaseFindingKind.RowDuplicate, $"{row.Int64(1)} {what} {row.Text(2)}", table, row.Int64(0), row.Text(3)));
        }

        return findings;
    }
}
