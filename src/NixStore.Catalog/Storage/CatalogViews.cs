using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Storage;

/// <summary>What a session has when it is opened: macros, the tables' forms, and a view of each table.</summary>
internal static class CatalogViews
{
    /// <summary>Makes all of it.</summary>
    internal static void Create(DuckSession session, Func<CatalogTable, IReadOnlyList<string>> files)
    {
        session.Execute(SqlText.Of("macros"));
        session.Execute("CREATE SCHEMA form");
        foreach (var table in CatalogTable.All)
        {
            session.Execute($"CREATE TABLE form.{table} ({table.Columns})");
            Point(session, table, files(table));
        }
    }

    /// <summary>Lets a view show other files.</summary>
    internal static void Point(DuckSession session, CatalogTable table, IReadOnlyList<string> files)
        => session.Execute($"CREATE OR REPLACE VIEW {table} AS SELECT * FROM {Source(table, files)}");

    /// <summary>What stands behind FROM for a table of these files.</summary>
    internal static string Source(CatalogTable table, IReadOnlyList<string> files)
        => files.Count == 0 ? $"form.{table}" : DuckFiles.Parquet(files);
}
