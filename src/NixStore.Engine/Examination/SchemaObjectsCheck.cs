using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Examination;

/// <summary>
/// Tables, columns, indices and triggers of the schema. What there is beside them is the business of newer versions and experimental
/// features; of IndexReferrer, Nix 2.35 and later do without.
/// </summary>
internal sealed class SchemaObjectsCheck : IDatabaseCheck
{
    private static readonly (string Table, string[] Columns)[] s_tables =
    [
        ("ValidPaths", ["id", "path", "hash", "registrationTime", "deriver", "narSize", "ultimate", "sigs", "ca"]),
        ("Refs", ["referrer", "reference"]),
        ("DerivationOutputs", ["drv", "id", "path"]),
    ];

    private static readonly (string Name, string Table, string Why)[] s_helpers =
    [
        ("IndexReference", "Refs", "index IndexReference is missing: referrers are found by reading the whole table"),
        ("IndexDerivationOutputs", "DerivationOutputs", "index IndexDerivationOutputs is missing: derivers are found by reading the whole table"),
        ("DeleteSelfRefs", "ValidPaths", "trigger DeleteSelfRefs is missing: the row of a path that refers to itself cannot be deleted"),
    ];

    /// <inheritdoc/>
    public string Subject => "tables and indices";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var names = examined.Read(connection => ReadNames(connection, "select name from sqlite_master", 0));
        foreach (var (table, columns) in s_tables)
        {
            if (!names.Contains(table))
            {
                yield return examined.Found(StoreDatabaseFindingKind.ObjectMissing, $"table {table} is missing", table);
                continue;
            }

            var there = examined.Read(connection => ReadNames(connection, $"pragma table_info({table})", 1));
            foreach (var column in columns.Where(column => !there.Contains(column)))
            {
                yield return examined.Found(StoreDatabaseFindingKind.ObjectMissing, $"column {column} of table {table} is missing", table);
            }
        }

        foreach (var (_, table, why) in s_helpers.Where(helper => !names.Contains(helper.Name) && names.Contains(helper.Table)))
        {
            yield return examined.Found(StoreDatabaseFindingKind.ObjectMissing, why, table, severity: StoreFindingSeverity.Warning);
        }
    }

    private static HashSet<string> ReadNames(SqliteConnection connection, string sql, int column)
    {
        using var row = new Statement(connection, sql);

        // SQLite's names are not case-sensitive.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (row.Step())
        {
            names.Add(row.Text(column) ?? "");
        }

        return names;
    }
}
