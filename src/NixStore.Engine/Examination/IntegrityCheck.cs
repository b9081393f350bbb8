using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Examination;

/// <summary>
/// SQLite's integrity_check: pages, and indices against their tables (NIX-ON-DAMAGE, cases h1, h7, h14). Where damage ends it, each table is
/// asked for by itself.
/// </summary>
internal sealed class IntegrityCheck : IDatabaseCheck
{
    private const int MaximumLines = 100_000;
    private const int NamedPages = 10;

    /// <inheritdoc/>
    public string Subject => "SQLite's integrity check";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
        => examined.Read(connection => Check(examined, connection));

    private static List<StoreDatabaseFinding> Check(ExaminedStore examined, SqliteConnection connection)
    {
        var report = new IntegrityReport();
        var findings = new List<StoreDatabaseFinding>();
        if (!TryCheck(examined, connection, $"{MaximumLines}", report, out _))
        {
            // That of single tables may repeat what the whole has said before it failed.
            report = new IntegrityReport();
            foreach (var table in ReadTables(connection))
            {
                if (!TryCheck(examined, connection, Quote(table), report, out var failure))
                {
                    findings.Add(examined.Found(StoreDatabaseFindingKind.PageDamaged, $"table {table} or an index of it has damaged pages: {failure}", table));
                }
            }
        }

        var objects = ReadObjects(connection);
        findings.AddRange(report.Trees.Select(tree => Describe(examined, objects.Find(one => one.Root == tree.Key), tree.Value)));
        findings.AddRange(report.Indices.Select(index => DescribeIndex(examined, index.Key, objects.Find(one => one.Name == index.Key).Table, index.Value)));
        findings.AddRange(report.Others.Select(lines => examined.Found(StoreDatabaseFindingKind.PageDamaged, $"{lines}")));
        if (report.LostPages.Count > 0)
        {
            var named = string.Join(", ", report.LostPages.Take(NamedPages)) + (report.LostPages.Count > NamedPages ? ", …" : "");
            findings.Add(examined.Found(StoreDatabaseFindingKind.PageLost, $"{report.LostPages.Count} pages belong to nothing: {named}"));
        }

        return findings;
    }

    /// <summary>False when SQLite could not go on.</summary>
    private static bool TryCheck(ExaminedStore examined, SqliteConnection connection, string what, IntegrityReport report, out string failure)
    {
        failure = "";
        try
        {
            using var row = new Statement(connection, $"pragma integrity_check({what})");
            while (row.Step())
            {
                report.Add(row.Text(0) ?? "");
            }

            return true;
        }
        catch (SqliteException error) when (TableScan.IsDamage(error))
        {
            examined.Cancellation.ThrowIfCancellationRequested();
            failure = error.Message;
            return false;
        }
    }

    private static StoreDatabaseFinding Describe(ExaminedStore examined, (string Name, string Table, long Root) tree, IntegrityReport.Lines lines)
        => tree.Name is null ? examined.Found(StoreDatabaseFindingKind.PageDamaged, $"{lines}")
            : tree.Name == tree.Table ? examined.Found(StoreDatabaseFindingKind.PageDamaged, $"table {tree.Table}: {lines}", tree.Table)
            : DescribeIndex(examined, tree.Name, tree.Table, lines);

    private static StoreDatabaseFinding DescribeIndex(ExaminedStore examined, string index, string? table, IntegrityReport.Lines lines)
        => examined.Found(StoreDatabaseFindingKind.IndexMismatch, $"index {index}: {lines}", table);

    private static List<string> ReadTables(SqliteConnection connection)
        => ReadObjects(connection).Where(one => one.Name == one.Table).Select(one => one.Name).ToList();

    private static List<(string Name, string Table, long Root)> ReadObjects(SqliteConnection connection)
    {
        using var row = new Statement(connection, "select name, tbl_name, rootpage from sqlite_master where rootpage > 0");
        var objects = new List<(string, string, long)>();
        while (row.Step())
        {
            objects.Add((row.Text(0) ?? "", row.Text(1) ?? "", row.Int64(2)));
        }

        return objects;
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
