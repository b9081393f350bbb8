using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Inventories;

/// <summary>The queries that read a data file of an inventory as rows of the table <c>objects</c>: its columns by name, those it has not as null.</summary>
internal static class InventorySql
{
    /// <summary>A SELECT with the columns of the table in their order.</summary>
    /// <exception cref="NixStoreException">InventoryColumnMissing: it does not even have the keys.</exception>
    internal static string Select(DuckSession session, InventoryManifest manifest, string path, string origin)
    {
        var isCsv = manifest.Format == InventoryFormat.Csv;
        var (source, given) = isCsv ? (CsvSource(manifest, path), manifest.Columns) : (DuckFiles.Parquet(path), ParquetColumns(session, path));
        if (!given.Contains("key"))
        {
            throw new NixStoreException("InventoryColumnMissing", StoreErrorKind.InvalidData, $"The inventory '{origin}' has no column Key.", origin,
                "Every report of S3 has it: this file is another one, or the manifest's fileSchema is damaged.");
        }

        var columns = TableColumns(session).Select(column =>
        {
            var name = DuckSession.QuoteName(column.Name);
            var value = !given.Contains(column.Name) ? "NULL" : !isCsv ? name
                : column.Name == "key" ? $"CASE WHEN contains({name}, '%') OR contains({name}, '+') THEN url_decode(replace({name}, '+', ' ')) ELSE {name} END" : $"nullif({name}, '')";
            return $"CAST({value} AS {column.Type}) AS {name}";
        });
        return $"SELECT {string.Join(", ", columns)} FROM {source}";
    }

    private static string CsvSource(InventoryManifest manifest, string path)
    {
        // All is text first: what is no number or time then is an error that names the value.
        var columns = string.Join(", ", manifest.Columns.Select(name => $"{DuckSession.Quote(name)}: 'VARCHAR'"));
        return $"read_csv({DuckSession.Quote(path)}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', "
            + $"compression = 'gzip', hive_partitioning = false, null_padding = false, strict_mode = true, columns = {{{columns}}})";
    }

    private static List<string> ParquetColumns(DuckSession session, string path)
    {
        using var rows = session.Query($"SELECT column_name FROM (DESCRIBE SELECT * FROM {DuckFiles.Parquet(path)})");
        var names = new List<string>();
        while (rows.Read())
        {
            names.Add(rows.GetText(0));
        }

        return names;
    }

    private static List<(string Name, string Type)> TableColumns(DuckSession session)
    {
        using var rows = session.Query($"SELECT column_name, column_type FROM (DESCRIBE form.{CatalogTable.Objects})");
        var columns = new List<(string, string)>();
        while (rows.Read())
        {
            columns.Add((rows.GetText(0), rows.GetText(1)));
        }

        return columns;
    }
}
